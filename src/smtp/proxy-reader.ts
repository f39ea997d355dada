// Reads a proxy's answers in exact pieces, so that the far end's first bytes stay in the socket.
import type { Socket } from "node:net";
import { codeOf, type Deadline, dialFailure, textOf } from "./deadline.ts";
import type { SmtpFailure } from "./failure.ts";
import { printable } from "./printable.ts";

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

  constructor(socket: Socket, deadline: Deadline) {
    this.#socket = socket;
    this.#deadline = deadline;
  }

  /** Exactly `count` bytes. */
  async take(count: number): Promise<Buffer> {
    for (;;) {
      const chunk: Buffer | null = this.#socket.read(count);
      // At the end of the stream read() yields what is left, however little.
      if (chunk !== null && chunk.length === count) return chunk;
      await this.#more();
    }
  }

  /** Latin-1 text up to and including `mark`; what follows stays in the socket. */
  async until(mark: string, limit: number): Promise<string> {
    let text = "";
    for (;;) {
      const chunk: Buffer | null = this.#socket.read();
      if (chunk === null) {
        await this.#more();
        continue;
      }
      const before = text.length;
      text += chunk.latin1Slice();
      const at = text.indexOf(mark);
      if (at < 0 && text.length <= limit) continue;
      if (at < 0) throw proxyRefused(`the proxy's answer is longer than ${limit} bytes`, text);
      const end = at + mark.length;
      if (end - before < chunk.length) this.#socket.unshift(chunk.subarray(end - before));
      return text.slice(0, end);
    }
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
      const onReadable = () => settle();
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
