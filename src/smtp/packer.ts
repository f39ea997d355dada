// Copies what leaves together into one piece of memory, so that it goes in one packet and one TLS record.
import type { Socket } from "node:net";

/** Memory is taken in multiples of this, so that what served one message fits the next. */
const pageBytes = 4096;

export class Packer {
  /** Memory of an earlier write that the socket has let go of. */
  #spare: Buffer | null = null;

  /** Writes the pieces, which take `atMost` bytes. */
  write(socket: Socket, pieces: readonly (string | Buffer)[], atMost: number): void {
    const memory = this.#memory(atMost);
    let length = 0;
    for (const piece of pieces) {
      if (typeof piece === "string") length += memory.write(piece, length, "utf8");
      else length += piece.copy(memory, length);
    }
    socket.write(memory.subarray(0, length));
    // What the system has taken at once is not looked at again; a TLS socket, or a full one, keeps it.
    this.#spare = socket.writableLength === 0 ? memory : null;
  }

  #memory(bytes: number): Buffer {
    const spare = this.#spare;
    if (spare !== null && spare.length >= bytes) return spare;
    return Buffer.allocUnsafe(bytes > pageBytes / 2 ? Math.ceil(bytes / pageBytes) * pageBytes : bytes);
  }
}
