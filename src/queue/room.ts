// Bounds what waits to be written: whoever comes when it is full waits for room, first come first served.

import type { NewMessage } from "./store.ts";

/** What a message costs while it waits, beside its content: addresses, view, bookkeeping. */
const overhead = 2048;

/** Bytes of messages that may wait to be written, where nobody says. */
export const defaultRoom = 64 * 1024 * 1024;

/** What messages cost while they wait, in bytes. */
export function bytesOf(messages: readonly NewMessage[]): number {
  return messages.reduce((sum, { content }) => sum + content.byteLength + overhead, 0);
}

export interface Room {
  /** Null when there is room at once, else a promise of it; it rejects at `close`. A request over the whole room gets it alone. */
  take(bytes: number): Promise<void> | null;
  give(bytes: number): void;
  close(reason: Error): void;
}

export function createRoom(limit: number): Room {
  let used = 0;
  let closed: Error | null = null;
  const line: { bytes: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  const fits = (bytes: number) => used === 0 || used + bytes <= limit;
  return {
    take(bytes) {
      if (closed !== null) return Promise.reject(closed);
      if (line.length === 0 && fits(bytes)) {
        used += bytes;
        return null;
      }
      return new Promise((resolve, reject) => line.push({ bytes, resolve, reject }));
    },
    give(bytes) {
      used -= bytes;
      while (line.length > 0 && fits(line[0]!.bytes)) {
        const next = line.shift()!;
        used += next.bytes;
        next.resolve();
      }
    },
    close(reason) {
      closed = reason;
      for (const waiting of line.splice(0)) waiting.reject(reason);
    },
  };
}
