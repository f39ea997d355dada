// From a bare connection to one that is ready for mail: greeting, EHLO, STARTTLS, sign-in.
import type { Socket } from "node:net";
import { textOf } from "./deadline.ts";
import type { Activity, Driver } from "./driver.ts";
import { type Ending, failureOf } from "./ending.ts";
import { SmtpFailure } from "./failure.ts";
import { isFault } from "./fault.ts";
import { enter, onReply, type State, states } from "./machine.ts";
import type { ReadyState } from "./phases/auth.ts";
import type { OpeningPlan } from "./phases/move.ts";
import { afterHandshake } from "./phases/starttls.ts";
import { formatReply, type Reply } from "./reply.ts";
import type { Step, TlsFacts } from "./steps.ts";
import type { Secured } from "./tls.ts";

export type Opened =
  | { readonly ready: ReadyState; readonly tls: TlsFacts | null }
  /** The connection has ended. */
  | { readonly failure: SmtpFailure };

export interface OpeningOptions {
  readonly driver: Driver;
  readonly plan: OpeningPlan;
  /** What implicit TLS agreed on. */
  readonly tls: TlsFacts | null;
  /** The handshake of STARTTLS, with its step; rejects with SmtpFailure. */
  readonly secure: (socket: Socket) => Promise<Secured>;
  readonly onStep: ((step: Step) => void) | undefined;
  readonly onOpened: (opened: Opened) => void;
}

export class Opening implements Activity {
  readonly transcript = null;
  state: State;
  readonly #options: OpeningOptions;
  #tls: TlsFacts | null;
  #began = performance.now();
  #sent = 0;
  #received = 0;
  #over = false;

  constructor(options: OpeningOptions) {
    this.#options = options;
    this.#tls = options.tls;
    this.state = { at: "greeting", plan: options.plan, secured: options.tls !== null };
  }

  start(): void {
    this.#options.driver.expect(this);
  }

  onReply(reply: Reply): void {
    const move = onReply(this.state, reply);
    if (isFault(move)) {
      // EHLO itself went well where what it told bars a later stage.
      if (move.stage !== undefined) this.#report({ ok: true, detail: describeEhlo(reply), reply });
      // Whoever is told no takes leave; whoever broke the protocol, or closes by itself, is left.
      const parting = (move.kind === "reply" && move.reply?.code !== 421) || move.kind === "local";
      this.#options.driver.end(move, parting);
      return;
    }
    const stepEnds = move.to.at !== this.state.at;
    if (stepEnds) this.#report({ ok: true, detail: detailOf(this.state, move.to, reply), reply });
    this.#go(move.to);
  }

  /** The connection ended before it was ready. */
  onEnd(ending: Ending): void {
    if (this.#over) return;
    const { driver } = this.#options;
    const mechanism = this.state.at === "auth" && { mechanism: this.state.mechanism };
    const failure = failureOf({ ...mechanism, ...ending }, states[this.state.at].stage, driver);
    this.#report({
      ok: false,
      detail: failure.message,
      failure,
      ...(ending.reply && { reply: ending.reply }),
    });
    this.#tell({ failure });
  }

  #go(state: State): void {
    const { driver } = this.#options;
    this.state = state;
    const sending = enter(state);
    if (sending.send === "line") {
      this.#sent += sending.text.length + 2;
      driver.line(this, sending.text, sending.shown);
      driver.flush();
    } else if (state.at === "ready") {
      this.#tell({ ready: state, tls: this.#tls });
    } else if (state.at === "handshake") {
      const socket = driver.detach();
      if (socket !== null) void this.#upgrade(socket);
    }
  }

  async #upgrade(socket: Socket): Promise<void> {
    const { driver, secure } = this.#options;
    try {
      const secured = await secure(socket);
      if (driver.ending !== null) {
        secured.socket.destroy();
        return;
      }
      this.#tls = secured.facts;
      this.#began = performance.now();
      driver.attach(secured.socket, true);
      if (this.state.at === "handshake") this.#go(afterHandshake(this.state));
    } catch (error) {
      // Its own step has told of it already.
      if (!(error instanceof SmtpFailure)) throw error;
      this.#tell({ failure: error });
      driver.end({ kind: error.facts.kind, code: error.facts.code, message: textOf(error), reply: null });
    }
  }

  #tell(opened: Opened): void {
    this.#over = true;
    this.#options.onOpened(opened);
  }

  #report(end: Pick<Step, "ok" | "detail" | "reply" | "failure">): void {
    const { driver, onStep } = this.#options;
    const now = performance.now();
    onStep?.({
      stage: end.failure?.facts.stage ?? states[this.state.at].stage,
      ms: now - this.#began,
      bytesSent: this.#sent,
      bytesReceived: driver.received - this.#received,
      ...end,
    });
    this.#began = now;
    this.#sent = 0;
    this.#received = driver.received;
  }
}

/** One line for a person on what a step came to. */
function detailOf(from: State, to: State, reply: Reply): string {
  if (from.at === "ehlo") return describeEhlo(reply);
  if (to.at === "ready" && to.mechanism !== null) return to.mechanism;
  return formatReply(reply);
}

function describeEhlo(reply: Reply): string {
  return reply.lines.slice(1).join(", ");
}
