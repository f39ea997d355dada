// A content on its way into the connection: at once when it is small, else piece by piece as the peer takes it.
import type { Activity, Driver } from "./driver.ts";
import { chunkBytes } from "./layout.ts";
import { type LineWriter, lineWriter } from "./lines.ts";

/** What is larger is written piece by piece, each when the peer has taken the one before. */
const pumpBytes = 65_536;
const pieceBytes = 262_144;
const finalDot = Buffer.from(".\r\n");

export class Body {
  readonly #driver: Driver;
  readonly #activity: Activity;
  readonly #content: Buffer;
  #lines: LineWriter | null = null;
  /** The count of flushes at which the end of what was begun last was queued; infinite before. */
  #endQueued = Number.POSITIVE_INFINITY;
  /** Whether nothing follows what was begun last. */
  #last = false;

  constructor(driver: Driver, activity: Activity, content: Uint8Array) {
    this.#driver = driver;
    this.#activity = activity;
    this.#content = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  }

  /** Whether what was begun last, a content or a chunk, is with the socket to its last byte. */
  get handedOver(): boolean {
    return this.#driver.flushes > this.#endQueued;
  }

  /** Whether what was begun last is the last there is. */
  get last(): boolean {
    return this.#last;
  }

  /** All of it with its dots stuffed, and the final dot (RFC 5321 §4.1.1.4). `onQueued`: something else may follow. */
  writeData(onQueued: () => void): number {
    const { length } = this.#content;
    this.#driver.record(this.#activity.transcript, "note", `content of ${length} bytes`);
    this.#last = true;
    if (length > pumpBytes) {
      this.#driver.pump(this.#activity, this.#dataPieces(onQueued));
    } else {
      const lines = lineWriter(true);
      this.#driver.bytes(this.#activity, [...lines.write(this.#content), lines.end(), finalDot]);
      this.#endQueued = this.#driver.flushes;
      onQueued();
    }
    return length;
  }

  /**
   * One of `count` chunks, with its BDAT (RFC 3030 §2). Line ends are mended here as well: without
   * BINARYMIME, which we don't ask for, they have to be CRLF (§3).
   */
  writeChunk(index: number, count: number): number {
    this.#lines ??= lineWriter(false);
    this.#endQueued = Number.POSITIVE_INFINITY;
    this.#last = index + 1 >= count;
    const pieces = [
      ...this.#lines.write(this.#content.subarray(index * chunkBytes, (index + 1) * chunkBytes)),
    ];
    if (this.#last) pieces.push(this.#lines.end());
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const command = `BDAT ${length}${this.#last ? " LAST" : ""}`;
    const { transcript } = this.#activity;
    this.#driver.record(transcript, "client", command);
    this.#driver.record(transcript, "note", `content of ${length} bytes`);
    this.#driver.queue(`${command}\r\n`);
    if (length > pumpBytes) {
      this.#driver.pump(this.#activity, this.#chunkPieces(together(pieces)));
    } else {
      this.#driver.bytes(this.#activity, pieces);
      this.#endQueued = this.#driver.flushes;
    }
    return command.length + 2 + length;
  }

  *#dataPieces(onQueued: () => void): Generator<Buffer> {
    const lines = lineWriter(true);
    let at = 0;
    for (; at + pieceBytes < this.#content.length; at += pieceBytes) {
      yield together(lines.write(this.#content.subarray(at, at + pieceBytes)));
    }
    const last = together([...lines.write(this.#content.subarray(at)), lines.end(), finalDot]);
    this.#leaves();
    yield last;
    onQueued();
  }

  *#chunkPieces(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      if (at + pieceBytes >= bytes.length) this.#leaves();
      yield bytes.subarray(at, at + pieceBytes);
    }
  }

  /** The last piece goes to the socket now. */
  #leaves(): void {
    this.#endQueued = this.#driver.flushes - 1;
  }
}

function together(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
