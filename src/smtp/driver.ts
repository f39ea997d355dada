// Owns one connection: its socket, its timers, its transcript. Knows whose reply comes next, and nothing of mail.
import type { Socket } from "node:net";
import { codeOf, textOf } from "./deadline.ts";
import type { Ending } from "./ending.ts";
import { type State, states } from "./machine.ts";
import type { Timeouts } from "./options.ts";
import { Packer } from "./packer.ts";
import { oneLine } from "./printable.ts";
import { type Reply, ReplyParser, replyLines } from "./reply.ts";
import type { Secrets } from "./secrets.ts";
import type { Transcript, TranscriptLine } from "./transcript.ts";
import { Watchdog } from "./watchdog.ts";

/** Something that waits for replies: the opening of the connection, a transaction, a single command. */
export interface Activity {
  /** Where it waits. */
  readonly state: State;
  readonly transcript: Transcript | null;
  onReply(reply: Reply): void;
}

export interface DriverOptions {
  readonly timeouts: Timeouts;
  readonly secrets: Secrets;
  readonly transcript: Transcript;
  readonly onLine: ((line: TranscriptLine) => void) | undefined;
  /** Called once, whoever ended it. */
  readonly onEnd: (ending: Ending) => void;
  /** `performance.now()` at the beginning of the dialogue. */
  readonly began: number;
}

/** Up to here what is written together is copied together, so that it leaves in one packet and one TLS record. */
const joinBytes = 65_536;

/** How long a server has to take note of a QUIT that nobody waits for. */
const partingMs = 1_000;

export class Driver {
  readonly #options: DriverOptions;
  readonly #parser = new ReplyParser();
  readonly #packer = new Packer();
  readonly #watchdog: Watchdog;
  #socket: Socket | null = null;
  #secured = false;
  #peer: string | null = null;
  #ending: Ending | null = null;
  /** One entry for each reply that is owed; the last `#unwritten` of them for commands still in `#out`. */
  readonly #awaiting: Activity[] = [];
  #unwritten = 0;
  #out: (string | Buffer)[] = [];
  #outBytes = 0;
  #flushes = 0;
  /** What is being written piece by piece, and what will be after `#out`. */
  #pump: Iterator<Buffer> | null = null;
  #nextPump: Iterator<Buffer> | null = null;
  #reading = false;
  #flushing = false;
  #now: number;
  #lastReply = Number.NEGATIVE_INFINITY;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#now = options.began;
    this.#watchdog = new Watchdog(Math.min(...Object.values(options.timeouts)), this.#onTime);
  }

  get secured(): boolean {
    return this.#secured;
  }

  /** What we are connected to, `192.0.2.1:465`. */
  get peer(): string | null {
    return this.#peer;
  }

  get ending(): Ending | null {
    return this.#ending;
  }

  /** Goes up whenever what was queued is given to the socket: what was queued at count n is written when it is above n. */
  get flushes(): number {
    return this.#flushes;
  }

  /** Milliseconds since the server last said something. */
  get silence(): number {
    return performance.now() - this.#lastReply;
  }

  /** Bytes of all replies so far. */
  get received(): number {
    return this.#parser.taken;
  }

  /** Takes over a connection on which nothing has been read yet. */
  attach(socket: Socket, secured: boolean, peer = this.#peer): void {
    this.#socket = socket;
    this.#secured = secured;
    this.#peer = peer;
    socket.on("data", this.#onData);
    socket.on("drain", this.#onDrain);
    socket.on("error", this.#onError);
    socket.on("end", this.#onClose);
    socket.on("close", this.#onClose);
    if (socket.errored) this.#onError(socket.errored);
    else if (socket.destroyed) this.#onClose();
    else socket.setNoDelay(true);
  }

  /** Gives the socket away for a TLS handshake; null, and the end, when the server did not wait for it. */
  detach(): Socket | null {
    const socket = this.#socket;
    if (socket === null) return null;
    if (this.#parser.buffered > 0) {
      this.end({
        kind: "protocol",
        code: "DATA_BEFORE_TLS",
        message: "the server sent data in clear behind its reply to STARTTLS",
        reply: null,
      });
      return null;
    }
    socket.pause();
    this.#unlisten(socket);
    this.#socket = null;
    this.#watchdog.end();
    return socket;
  }

  /** Awaits a reply that no command asks for: the greeting. */
  expect(activity: Activity): void {
    this.#awaiting.push(activity);
    this.#renew();
  }

  /** Queues a command and awaits its reply. `shown` replaces a line that holds a secret. */
  line(activity: Activity, text: string, shown = text): void {
    this.#push(`${text}\r\n`);
    this.#await(activity);
    if (shown !== text) this.#options.secrets.addLine(text.slice(text.lastIndexOf(" ") + 1));
    this.record(activity.transcript, "client", shown);
  }

  /** Queues bytes that no reply is owed for. */
  queue(piece: string | Buffer): void {
    this.#push(piece);
  }

  /** Queues bytes that are one unit to the server, and awaits its reply. */
  bytes(activity: Activity, pieces: readonly (string | Buffer)[]): void {
    for (const piece of pieces) this.#push(piece);
    this.#await(activity);
  }

  /** Writes pieces as fast as the peer takes them, nothing else meanwhile, and awaits a reply. */
  pump(activity: Activity, pieces: Iterator<Buffer>): void {
    this.#await(activity);
    this.#nextPump = pieces;
  }

  /** Writes what is queued; while replies are being read this happens soon after their end. */
  flush(): void {
    if (!this.#reading && !this.#flushing) this.#flush();
  }

  record(transcript: Transcript | null, from: TranscriptLine["from"], text: string): void {
    const line = { ms: this.#elapsed(), from, text };
    this.#options.transcript.add(line);
    transcript?.add(line);
    this.#options.onLine?.(line);
  }

  /** Ends the connection. With `parting`, a QUIT is left behind that nobody waits for. */
  end(ending: Ending, parting = false): void {
    if (this.#ending !== null) return;
    const challenge = ending.challenge && oneLine(this.#options.secrets.maskText(ending.challenge));
    this.#ending = challenge === undefined ? ending : { ...ending, challenge };
    this.#watchdog.end();
    this.#pump = null;
    this.#nextPump = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      this.#unlisten(socket);
      if (parting && !socket.destroyed) part(socket);
      else socket.destroy();
    }
    this.#options.onEnd(this.#ending);
  }

  #elapsed(): number {
    if (!this.#reading) this.#now = performance.now();
    return Math.round((this.#now - this.#options.began) * 10) / 10;
  }

  #push(piece: string | Buffer): void {
    this.#out.push(piece);
    // In UTF-8 a unit of UTF-16 takes three bytes at most.
    this.#outBytes += typeof piece === "string" ? piece.length * 3 : piece.length;
  }

  #await(activity: Activity): void {
    this.#awaiting.push(activity);
    this.#unwritten += 1;
  }

  #flush(): void {
    const socket = this.#socket;
    if (this.#pump !== null || socket === null) return;
    if (this.#out.length === 0 && this.#nextPump === null) return;
    const out = this.#out;
    const bytes = this.#outBytes;
    const first = this.#awaiting.length === this.#unwritten;
    this.#out = [];
    this.#outBytes = 0;
    this.#unwritten = 0;
    this.#flushes += 1;
    if (out.length === 1) socket.write(out[0]!);
    else if (out.length > 0 && bytes <= joinBytes) this.#packer.write(socket, out, bytes);
    else if (out.length > 0) {
      socket.cork();
      for (const piece of out) socket.write(piece);
      socket.uncork();
    }
    if (this.#nextPump !== null) {
      this.#pump = this.#nextPump;
      this.#nextPump = null;
      this.#onDrain();
    } else if (first) this.#renew();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#now = performance.now();
    this.#reading = true;
    this.#parser.push(chunk);
    let replies = 0;
    while (this.#socket !== null) {
      const reply = this.#parser.next();
      if (reply === null) break;
      replies += 1;
      if ("fault" in reply) this.#onFault(reply.fault, reply.received);
      else this.#onReply(reply);
    }
    this.#reading = false;
    if (replies === 0 || this.#socket === null) return;
    this.#lastReply = this.#now;
    this.#renew();
    if (this.#out.length > 0 || this.#nextPump !== null) this.#flushSoon();
  };

  /**
   * Writes when everyone who was told something just now has had a word: who sends the next message on
   * hearing of the last one has it leave in the same packet, and in the same TLS record.
   */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    // Promises are served between the two, however many follow one another.
    queueMicrotask(this.#flushNext);
  }

  readonly #flushNext = (): void => process.nextTick(this.#onFlush);

  readonly #onFlush = (): void => {
    this.#flushing = false;
    this.#flush();
  };

  #onReply(reply: Reply): void {
    const shown = this.#options.secrets.maskReply(reply);
    const activity = this.#awaiting.length > this.#unwritten ? this.#awaiting.shift() : undefined;
    for (const line of replyLines(shown)) this.record(activity?.transcript ?? null, "server", line);
    if (activity === undefined) this.end(unasked(shown));
    // Only a mechanism has to see a challenge as it came.
    else activity.onReply(activity.state.at === "auth" && reply.code === 334 ? reply : shown);
  }

  #onFault(code: string, bytes: string): void {
    const received = this.#options.secrets.maskText(bytes);
    this.record(this.#awaiting[0]?.transcript ?? null, "server", received);
    this.end({ kind: "protocol", code, message: faultTexts[code] ?? code, reply: null, received });
  }

  readonly #onDrain = (): void => {
    if (this.#pump === null) return;
    while (this.#pump !== null && this.#socket !== null) {
      const { value, done } = this.#pump.next();
      if (done) {
        this.#pump = null;
        this.#flush();
      } else if (!this.#socket.write(value)) break;
    }
    this.#renew();
  };

  readonly #onError = (error: Error): void => {
    const code = codeOf(error);
    const kind = code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") ? "tls" : "socket";
    this.end({ kind, code, message: `the connection broke: ${textOf(error)}`, reply: null, cause: error });
  };

  readonly #onClose = (): void => {
    this.end({ kind: "socket", code: "CLOSED", message: "the server closed the connection", reply: null });
  };

  /** Sets the time by which the next reply, or the peer's readiness for the next piece, has to come. */
  #renew(): void {
    if (this.#ending !== null) return;
    const head = this.#awaiting[0];
    const wait = this.#pump !== null ? "block" : head === undefined ? null : states[head.state.at].wait;
    if (wait === null) this.#watchdog.rest();
    else this.#watchdog.set(this.#options.timeouts[wait]);
  }

  readonly #onTime = (): void => {
    const at = this.#awaiting[0]?.state.at ?? "content";
    const message = this.#pump === null ? `no reply in time (${at})` : "the server stopped taking content";
    this.end({ kind: "timeout", code: "TIMEOUT", message, reply: null });
  };

  #unlisten(socket: Socket): void {
    socket.off("data", this.#onData);
    socket.off("drain", this.#onDrain);
    socket.off("end", this.#onClose);
    socket.off("close", this.#onClose);
    // An error that nobody listens to would end the process.
    socket.on("error", ignore);
    socket.off("error", this.#onError);
  }
}

const faultTexts: Readonly<Record<string, string>> = {
  LINE_TOO_LONG: "the server sent a line over the limit",
  REPLY_TOO_LONG: "the server sent a reply without an end",
  NOT_SMTP: "what the server sent is not SMTP",
};

/** A server that says goodbye to an idle connection is in order; anything else would shift every later reply. */
function unasked(reply: Reply): Ending {
  const text = `${reply.code} ${reply.lines.join(" ")}`;
  if (reply.code === 421) {
    return { kind: "reply", code: null, message: `the server closes the connection: ${text}`, reply };
  }
  return { kind: "protocol", code: "UNEXPECTED_REPLY", message: `a reply nobody asked for: ${text}`, reply };
}

function part(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), partingMs);
  socket.once("close", () => clearTimeout(timer));
  socket.resume();
  socket.end("QUIT\r\n");
}

function ignore(): void {
  // The connection is over; what it still complains about changes nothing.
}
