// One connection to a server of the sandbox: takes lines and content out of the stream and hands them to
// the phase that they belong to.
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { type Answer, type Effect, formatAnswer, printable } from "./answer.ts";
import { auth, refuse, respond } from "./auth.ts";
import type { ChunkContent, DotContent } from "./content.ts";
import type { Counts, Dialogue, SessionBounds, State, Transaction } from "./dialogue.ts";
import { hello, starttls } from "./hello.ts";
import { Offer } from "./offer.ts";
import type { Rules, SessionFacts } from "./rules.ts";
import { bdat, data, endChunk, finish, mail, rcpt } from "./transaction.ts";
import { Wire } from "./wire.ts";

export interface SessionSetting {
  readonly id: number;
  readonly rules: Rules;
  readonly bounds: SessionBounds;
  readonly counts: Counts;
  /** Null on a server without TLS. */
  readonly secureContext: SecureContext | null;
  /** TLS from the first byte. */
  readonly implicitTls: boolean;
}

/** Longer than any client waits (RFC 5321 §4.5.3.2 ends at ten minutes), and still an end. */
const silenceMs = 60 * 60 * 1000;

const nothing: Buffer = Buffer.alloc(0);

export class Session implements Dialogue {
  readonly rules: Rules;
  readonly bounds: SessionBounds;
  readonly counts: Counts;
  readonly facts: { -readonly [Key in keyof SessionFacts]: SessionFacts[Key] };
  state: State = { name: "opening" };
  transaction: Transaction | null = null;
  readonly #setting: SessionSetting;
  readonly #wire: Wire;
  #input: Buffer = nothing;
  #at = 0;
  #mistakes = 0;
  #offer: Offer | null = null;
  #waiting: NodeJS.Timeout | null = null;

  constructor(socket: Socket, setting: SessionSetting) {
    this.#setting = setting;
    this.rules = setting.rules;
    this.bounds = setting.bounds;
    this.counts = setting.counts;
    this.facts = {
      id: setting.id,
      remoteAddress: socket.remoteAddress ?? "",
      secured: false,
      hello: null,
      username: null,
      messages: 0,
    };
    this.#wire = new Wire(socket, {
      idleMs: setting.bounds.idleMs,
      onInput: (chunk) => this.#take(chunk),
      onIdle: () => this.#idle(),
    });
    socket.once("close", () => {
      if (this.#waiting !== null) clearTimeout(this.#waiting);
      this.state = { name: "closing" };
    });
  }

  get offer(): Offer {
    if (this.#offer === null) {
      const lines = this.rules.capabilities(this.facts);
      this.#offer = new Offer(this.hasCertificate ? lines : lines.filter((line) => line !== "STARTTLS"));
    }
    return this.#offer;
  }

  get hasCertificate(): boolean {
    return this.#setting.secureContext !== null;
  }

  /** Begins the dialogue. */
  start(): void {
    const effect = this.rules.connected?.(this.facts) ?? null;
    if (effect !== null || !this.#setting.implicitTls) {
      this.#wire.listen();
      if (!this.apply(effect)) this.#greet();
      this.#wire.flush();
    } else this.#handshake(() => this.#greet());
  }

  /** Ends the connection with 421 (RFC 5321 §3.8), or at once when no reply can come now. */
  shutDown() {
    if (this.state.name !== "command") return this.#wire.drop();
    this.dismiss(421, "4.3.2", "Service shutting down");
  }

  drop(): void {
    this.#wire.drop();
  }

  write(text: string): void {
    this.#wire.write(text);
  }

  say(code: number, status: string, text: string): void {
    this.#wire.write(this.offer.showsStatus ? `${code} ${status} ${text}\r\n` : `${code} ${text}\r\n`);
  }

  mistake(code: number, status: string, text: string): void {
    this.say(code, status, printable(text));
    this.countMistake();
  }

  dismiss(code: number, status: string, text: string): void {
    this.say(code, status, text);
    this.#end();
  }

  countMistake(): void {
    this.#mistakes++;
    if (this.#mistakes <= this.bounds.mistakes || this.state.name === "closing") return;
    this.dismiss(421, "4.7.0", "Too many mistakes");
  }

  apply(effect: Effect | null | undefined): boolean {
    if (effect === null || effect === undefined) return false;
    switch (effect.do) {
      case "answer":
        this.#reply(effect.answer);
        return true;
      case "late":
        this.#replyLater(effect.ms, effect.answer);
        return true;
      case "drop":
        this.state = { name: "closing" };
        this.#wire.hangUp();
        return true;
      case "silence":
        this.state = { name: "silent" };
        this.#wire.fallSilent(silenceMs);
        return true;
      case "bytes":
        this.#wire.send(effect.bytes);
        return true;
      case "endless":
        this.state = { name: "silent" };
        this.#wire.repeat(Buffer.from(`${effect.code}-${printable(effect.line)}\r\n`.repeat(64)));
        return true;
      case "drip":
        this.#wire.slowDown(effect.ms);
        return false;
    }
  }

  secure(): void {
    this.#handshake(() => {
      this.state = { name: "command" };
    });
  }

  #greet() {
    this.state = { name: "command" };
    if (this.apply(this.rules.greet?.(this.facts))) return;
    this.#wire.write(formatAnswer({ code: 220, lines: this.rules.greeting.split("\n") }));
  }

  #handshake(then: () => void) {
    const { secureContext } = this.#setting;
    this.state = { name: "opening" };
    // What came in clear after STARTTLS is forgotten: it may be somebody else's (RFC 3207 §4.2).
    this.#input = nothing;
    this.#at = 0;
    if (secureContext === null) return this.#wire.drop();
    this.#wire.secure(secureContext, (secured) => {
      if (!secured) {
        this.counts.tlsFailures++;
        return;
      }
      this.facts.secured = true;
      this.#offer = null;
      this.#wire.listen();
      then();
      this.#wire.flush();
    });
  }

  #idle() {
    if (this.state.name === "waiting") return;
    if (this.state.name !== "command" && this.state.name !== "sign-in") return this.#wire.drop();
    this.dismiss(421, "4.4.2", "Idle for too long");
  }

  #take(chunk: Buffer): void {
    const { name } = this.state;
    if (name === "closing" || name === "silent" || name === "opening") return;
    const rest = this.#at < this.#input.length;
    this.#input = rest ? Buffer.concat([this.#input.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
    this.#run();
  }

  #run(): void {
    let more = true;
    while (more && this.#at < this.#input.length) more = this.#step();
    if (this.#at >= this.#input.length) {
      this.#input = nothing;
      this.#at = 0;
    }
    this.#wire.flush();
  }

  /** Takes one line or one piece of content; false when there is not enough for it, or nothing may be taken now. */
  #step(): boolean {
    const { state } = this;
    switch (state.name) {
      case "command":
      case "sign-in":
      case "refusal":
        return this.#takeLine();
      case "data": {
        const end = state.content.take(this.#input, this.#at);
        this.#at = end === -1 ? this.#input.length : end;
        if (this.#interrupted(state.content) || end === -1) return false;
        finish(this, state.content);
        return true;
      }
      case "chunk": {
        const piece = this.#input.subarray(this.#at, this.#at + state.left);
        this.#at += piece.length;
        state.left -= piece.length;
        state.content.take(piece);
        if (this.#interrupted(state.content)) return false;
        if (state.left === 0) endChunk(this, state.content, state.last);
        return true;
      }
      default:
        return false;
    }
  }

  /** Whether the rules end or suspend the connection while content comes. */
  #interrupted(content: DotContent | ChunkContent): boolean {
    if (this.rules.receiving === undefined || this.transaction === null) return false;
    return this.apply(this.rules.receiving(this.facts, this.transaction, content.size));
  }

  #takeLine(): boolean {
    const end = this.#input.indexOf(0x0a, this.#at);
    const length = (end === -1 ? this.#input.length : end) - this.#at;
    if (length > this.bounds.lineBytes) {
      this.#at = this.#input.length;
      this.dismiss(500, "5.5.2", "Line too long");
      return false;
    }
    if (end === -1) return false;
    const start = this.#at;
    this.#at = end + 1;
    if (length === 0 || this.#input[end - 1] !== 0x0d) {
      this.mistake(500, "5.5.2", "A line ends with CR LF, not with LF alone");
      return true;
    }
    this.#line(this.#input.toString("utf8", start, end - 1));
    return true;
  }

  #line(line: string) {
    const { state } = this;
    if (state.name === "sign-in") return respond(this, state.mechanism, state.exchange, line);
    if (state.name === "refusal") return refuse(this, state.effect);
    const space = line.indexOf(" ");
    const verb = (space === -1 ? line : line.slice(0, space)).toUpperCase();
    const argument = space === -1 ? "" : line.slice(space + 1).trim();
    switch (verb) {
      case "EHLO":
      case "HELO":
        return hello(this, verb, argument);
      case "STARTTLS":
        return starttls(this, argument);
      case "AUTH":
        return auth(this, argument);
      case "MAIL":
        return mail(this, argument);
      case "RCPT":
        return rcpt(this, argument);
      case "DATA":
        return data(this, argument);
      case "BDAT":
        return bdat(this, argument);
      case "RSET":
        this.transaction = null;
        return this.say(250, "2.0.0", "OK");
      case "NOOP":
        return this.say(250, "2.0.0", "OK");
      case "VRFY":
        return this.say(252, "2.1.5", "Send some mail, it will be tried");
      case "HELP":
        return this.say(214, "2.0.0", "See RFC 5321");
      case "QUIT":
        return this.dismiss(221, "2.0.0", "Bye");
      default:
        return this.mistake(500, "5.5.1", "Command not understood");
    }
  }

  #reply(reply: Answer): void {
    this.#wire.write(formatAnswer(reply));
    if (reply.close) this.#end();
  }

  #replyLater(ms: number, reply: Answer): void {
    this.state = { name: "waiting" };
    this.#wire.flush();
    this.#wire.hold(true);
    this.#waiting = setTimeout(() => {
      this.state = { name: "command" };
      this.#reply(reply);
      this.#wire.hold(false);
      this.#run();
    }, ms);
  }

  #end(): void {
    this.state = { name: "closing" };
    this.#wire.end();
  }
}
