// A socket with no network under it: what the client reads is pushed, what it writes is dropped.
import { Socket } from "node:net";

export class MemorySocket extends Socket {
  /** How many stand open. */
  static open = 0;
  override readonly remoteAddress = "127.0.0.1";
  /** Bytes that the client wrote. */
  written = 0;

  constructor() {
    super();
    MemorySocket.open += 1;
  }

  override _read(): void {
    // What there is was pushed already.
  }

  override _write(chunk: Buffer | string, _: BufferEncoding, done: () => void): void {
    this.written += chunk.length;
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.written += chunk.length;
    done();
  }

  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    MemorySocket.open -= 1;
    done(error);
    process.nextTick(() => this.emit("close", error !== null));
  }
}
