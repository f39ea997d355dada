// What a port that does not greet answers to a line in clear: a web server its 400, a port for TLS an alert or a close.
import { connect } from "node:net";
import { printable } from "../../smtp/printable.ts";

/** Milliseconds for connecting and the answer together. */
export const speakFirstWaitMs = 3_000;
const enoughBytes = 64;

export interface Spoken {
  /** First bytes that came, printable; null when none did. */
  readonly received: string | null;
  readonly closed: boolean;
}

/** `peer`: `192.0.2.1:587`. Says EHLO and nothing else; null when the connection did not come about. */
export function speakFirst(peer: string, ended: AbortSignal): Promise<Spoken | null> {
  const match = /^\[?(.+?)\]?:(\d+)$/.exec(peer);
  if (match === null) return Promise.resolve(null);
  const [, host = "", port] = match;
  return new Promise((resolve) => {
    let stood = false;
    let closed = false;
    let bytes = Buffer.alloc(0);
    const socket = connect({ host, port: Number(port) });
    const end = () => {
      clearTimeout(timer);
      ended.removeEventListener("abort", end);
      socket.destroy();
      resolve(stood ? { received: bytes.length === 0 ? null : printable(bytes), closed } : null);
    };
    const timer = setTimeout(end, speakFirstWaitMs);
    ended.addEventListener("abort", end, { once: true });
    socket.once("connect", () => {
      stood = true;
      socket.write("EHLO doctor.invalid\r\n");
    });
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= enoughBytes || bytes[0] === 0x15) end();
    });
    socket.once("error", () => {
      closed = stood;
      end();
    });
    socket.once("close", () => {
      closed = true;
      end();
    });
  });
}
