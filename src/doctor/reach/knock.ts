// One attempt to connect, which says nothing and hears at most a greeting.
import { connect, type Socket } from "node:net";
import { printable } from "../../smtp/printable.ts";
import type { Family, Knock } from "../facts.ts";

/** Milliseconds. The second SYN leaves after 1 s and the third after 3 s (RFC 6298 §2), so two may be lost. */
export const knockMs = 4_000;

/** Milliseconds for the farewell: nobody waits for it. */
const farewellMs = 500;

/** Bytes; a greeting line has at most 512 (RFC 5321 §4.5.3.1.5). */
const greetingBytes = 512;

export interface Door {
  readonly address: string;
  readonly family: Family;
  readonly port: number;
}

export interface KnockOptions {
  readonly ended: AbortSignal;
  /** How long to listen once the connection stands; 0 where a server waits for TLS. Default 0. */
  readonly greetingMs?: number;
}

/** Null when everything ended before the answer was known: silence cut short proves nothing. */
export async function knock(door: Door, { ended, greetingMs = 0 }: KnockOptions): Promise<Knock | null> {
  if (ended.aborted) return null;
  const began = performance.now();
  const socket = connect({
    host: door.address,
    port: door.port,
    family: door.family,
    autoSelectFamily: false,
    noDelay: true,
  });
  // Stays for the life of the socket: an error after the answer must never end the process.
  socket.on("error", () => undefined);
  try {
    const answer = await connected(socket, ended);
    if (answer === "ended") return null;
    const ms = performance.now() - began;
    const code = answer === "stands" ? null : answer;
    const heard =
      code === null && greetingMs > 0
        ? await listen(socket, greetingMs, ended)
        : { greeting: null, closed: false };
    if (heard.greeting !== null && /^[245]\d\d[ -]/.test(heard.greeting)) await farewell(socket);
    return { ...door, code, ms, ...heard };
  } finally {
    socket.destroy();
  }
}

/** `stands`, `ended`, or why not: `TIMEOUT` or the system's code. */
function connected(socket: Socket, ended: AbortSignal): Promise<string> {
  return race(knockMs, ended, (done) => {
    socket.once("connect", () => done("stands"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      done(code === undefined || code === "ETIMEDOUT" ? "TIMEOUT" : code),
    );
  });
}

/** The first line, or as much as came. */
async function listen(
  socket: Socket,
  ms: number,
  ended: AbortSignal,
): Promise<Pick<Knock, "greeting" | "closed">> {
  let bytes = Buffer.alloc(0);
  const how = await race(ms, ended, (done) => {
    socket.on("data", (more: Buffer) => {
      bytes = Buffer.concat([bytes, more.subarray(0, greetingBytes - bytes.length)]);
      if (bytes.length === greetingBytes || bytes.includes(10)) done("heard");
    });
    socket.once("end", () => done("closed"));
    socket.once("close", () => done("closed"));
  });
  const greeting = bytes.length === 0 ? null : printable(bytes, greetingBytes);
  return { greeting, closed: how === "closed" && greeting === null };
}

/** A server of mail is left as RFC 5321 §4.1.1.10 wants it, so that its log has nothing to complain of. */
async function farewell(socket: Socket): Promise<void> {
  const closed = new Promise<void>((done) => socket.once("close", () => done()));
  socket.end("QUIT\r\n");
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), farewellMs);
  await closed;
  clearTimeout(timer);
}

function race(ms: number, ended: AbortSignal, begin: (done: (how: string) => void) => void): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("TIMEOUT"), ms);
  const end = () => resolve("ended");
  ended.addEventListener("abort", end, { once: true });
  begin(resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    ended.removeEventListener("abort", end);
  });
}
