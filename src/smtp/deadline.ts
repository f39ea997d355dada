// One limit on a piece of work made of several waits: the time is up, or the caller ends it.
import { type Certainty, SmtpFailure, type SmtpFailureFacts } from "./failure.ts";
import type { Stage } from "./stage.ts";

/** Facts of a failure before any content went out: what the dialling half of the client reports. */
export function dialFailure(
  message: string,
  facts: Pick<SmtpFailureFacts, "stage" | "kind" | "code"> & Partial<SmtpFailureFacts>,
  cause?: unknown,
): SmtpFailure {
  const certainty: Certainty = "not-accepted";
  const errno = errnoOf(cause);
  return new SmtpFailure(
    message,
    { certainty, reply: null, secured: false, ...(errno === undefined ? {} : { errno }), ...facts },
    cause === undefined ? undefined : { cause },
  );
}

/** The same failure, met on a connection to `peer`. */
export function metAt(peer: string, { message, facts, cause }: SmtpFailure): SmtpFailure {
  return new SmtpFailure(message, { ...facts, peer }, cause === undefined ? undefined : { cause });
}

/** The code of an error of the system, the resolver or OpenSSL. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code !== "" ? code : "UNKNOWN";
}

function errnoOf(error: unknown): number | undefined {
  const errno = error instanceof Error && "errno" in error ? error.errno : undefined;
  return typeof errno === "number" ? errno : undefined;
}

/** A message for a person; never empty, also for Node's AggregateError. */
export function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(textOf).join("; ");
  if (!(error instanceof Error)) return String(error);
  const words = opensslReason(error) ?? error.message;
  // Node's advice of its own is about its command line, which a person who sends mail does not have.
  return words.split("; if the root CA")[0]!.trim() || String(error);
}

/** OpenSSL's message carries thread, file and line; its reason is what a person can read. */
function opensslReason(error: Error): string | null {
  const isOpenssl = "code" in error && typeof error.code === "string" && error.code.startsWith("ERR_SSL_");
  return isOpenssl && "reason" in error && typeof error.reason === "string" ? error.reason : null;
}

/**
 * Fires once, when `ms` have passed or the caller's signal fires; `failure` then tells which.
 * Call `end()` when the work is done: it must not fire afterwards.
 */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  readonly #ms: number;
  readonly #caller: AbortSignal | undefined;
  readonly #listeners = new Set<() => void>();
  #over = false;

  constructor(ms: number, caller: AbortSignal | undefined) {
    this.#ms = ms;
    this.#caller = caller;
    this.#timer = setTimeout(this.#fire, ms);
    caller?.addEventListener("abort", this.#fire, { once: true });
    if (caller?.aborted) this.#over = true;
  }

  readonly #fire = (): void => {
    this.#over = true;
    this.end();
    for (const listener of [...this.#listeners]) listener();
  };

  get over(): boolean {
    return this.#over;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#fire);
  }

  /** Calls `listener` when the time is up, at once when it is already; returns what takes it back. */
  onOver(listener: () => void): () => void {
    if (this.#over) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What ended the work. */
  failure(stage: Stage, doing: string, facts: Partial<SmtpFailureFacts> = {}): SmtpFailure {
    return this.#caller?.aborted
      ? dialFailure(`ended by the caller while ${doing}`, {
          ...facts,
          stage,
          kind: "aborted",
          code: "ABORTED",
        })
      : dialFailure(`no end after ${this.#ms} ms of ${doing}`, {
          ...facts,
          stage,
          kind: "timeout",
          code: "TIMEOUT",
        });
  }
}
