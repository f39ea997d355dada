// Reads a proxy's answers in exact pieces, so that the far end's first bytes are not lost.
import type { Socket } from "node:net";
import { codeOf, type Deadline, dialFailure, textOf } from "./deadline.ts";
import type { SmtpFailure } from "./failure.ts";
import { printable } from "./printable.ts";
import type { Secrets } from "./secrets.ts";

/** The proxy said no, or is none. `received` is what it said. */
export function proxyRefused(message: string, received?: string): SmtpFailure {
  return dialFailure(printable(message, 400), {
    stage: "proxy",
    kind: "proxy",
    code: "PROXY_REFUSED",
    ...(received === undefined ? {} : { received: printable(received) }),
  });
}

export class ProxyReader {
  readonly #socket: Socket;
  readonly #deadline: Deadline;
  readonly #secrets: Secrets;
  #held: Buffer = Buffer.alloc(0);

  /** `secrets` are kept out of what is told of an answer. */
  constructor(socket: Socket, deadline: Deadline, secrets: Secrets) {
    this.#socket = socket;
    this.#deadline = deadline;
    this.#secrets = secrets;
  }

  /** Exactly `count` bytes. */
  async take(count: number): Promise<Buffer> {
    while (this.#held.length < count) await this.#more();
    return this.#cut(count);
  }

  /** Latin-1 text up to and including `mark`. */
  async until(mark: string, limit: number): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(mark, 0, "latin1");
      if (at >= 0) return this.#cut(at + mark.length).toString("latin1");
      if (this.#held.length > limit)
        throw proxyRefused(
          `the proxy's answer is longer than ${limit} bytes`,
          this.#secrets.maskText(this.#held.toString("latin1")),
        );
      await this.#more();
    }
  }

  /** Gives what came after the proxy's answer, the far end's first bytes, back to the socket. */
  release(): void {
    if (this.#held.length > 0) this.#socket.unshift(this.#held);
  }

  #cut(count: number): Buffer {
    const cut = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return cut;
  }

  #more(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      let release: () => void = () => undefined;
      const settle = (failure?: SmtpFailure) => {
        release();
        socket.off("readable", onReadable).off("end", onClosed).off("close", onClosed);
        if (failure === undefined) resolve();
        else reject(failure);
      };
      // Takes all there is: bytes left in the socket would make it readable again at once, for ever.
      const onReadable = () => {
        const chunk: Buffer | null = socket.read();
        if (chunk === null) return;
        this.#held = Buffer.concat([this.#held, chunk]);
        settle();
      };
      const onClosed = () => settle(closed(socket.errored));
      if (socket.destroyed || socket.readableEnded) return onClosed();
      socket.on("close", onClosed).on("end", onClosed).on("readable", onReadable);
      release = this.#deadline.onOver(() =>
        settle(this.#deadline.failure("proxy", "waiting for the proxy's answer")),
      );
    });
  }
}

function closed(error: Error | null): SmtpFailure {
  return dialFailure(
    error === null
      ? "the proxy closed the connection"
      : `the connection to the proxy broke: ${textOf(error)}`,
    { stage: "proxy", kind: "proxy", code: error === null ? "CLOSED" : codeOf(error) },
    error ?? undefined,
  );
}
