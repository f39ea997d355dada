// One handshake to learn from: nothing is said inside it, and nothing but EHLO and STARTTLS before.
import { isIP, type Socket, connect as tcpConnect } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";
import { printable } from "../../smtp/printable.ts";
import type { Handshake } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";

export interface Peer {
  /** An address or a name. */
  readonly address: string;
  readonly port: number;
  /** For SNI and the certificate. */
  readonly name: string;
  /** Whether EHLO and STARTTLS come first (RFC 3207). */
  readonly starttls: boolean;
}

/** Each step of a handshake, from connecting on. Milliseconds. */
const longest = 3_000;
/** Replies in clear before STARTTLS. Bytes. */
const mostClear = 16_384;

/** What was offered, in English, is for the report. */
export type Offer = ConnectionOptions & { readonly offered: string };

/**
 * Shakes hands, certificate unverified, and ends the connection. Resolves in every case, within 3 s of having a
 * connection's place. `look` is called with the connection while it stands.
 */
export function shake(
  peer: Peer,
  { offered, ...options }: Offer,
  { connecting, ended }: Surroundings,
  look: (socket: TLSSocket) => void = () => undefined,
): Promise<Handshake> {
  return connecting(async () => {
    const began = performance.now();
    const signal = AbortSignal.any([ended, AbortSignal.timeout(longest)]);
    let socket: Socket | null = null;
    let tls: TLSSocket | null = null;
    const ms = () => Math.round((performance.now() - began) * 10) / 10;
    try {
      socket = await open(peer, signal);
      if (peer.starttls) await askForTls(socket, signal);
      const secured = await upgrade(socket, peer, options, signal, (one) => {
        tls = one;
      });
      look(secured);
      const { name } = secured.getCipher();
      return { offered, version: secured.getProtocol(), cipher: name, code: null, reason: null, ms: ms() };
    } catch (error) {
      return { offered, version: null, cipher: null, ...codeOf(error, signal), ms: ms() };
    } finally {
      (tls as TLSSocket | null)?.destroy();
      socket?.destroy();
    }
  });
}

/** What the server says before anybody speaks; null when it says nothing in the time. */
export function listen(peer: Peer, { connecting, ended }: Surroundings): Promise<string | null> {
  return connecting(async () => {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(longest)]);
    let socket: Socket | null = null;
    try {
      socket = await open(peer, signal);
      return printable(await read(socket, signal, () => true));
    } catch {
      return null;
    } finally {
      socket?.destroy();
    }
  });
}

class Ended extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function open({ address, port }: Peer, signal: AbortSignal): Promise<Socket> {
  return settle<Socket>(signal, (resolve, reject) => {
    const socket = tcpConnect({ host: address, port });
    socket.once("connect", () => resolve(socket));
    socket.on("error", reject);
    return () => socket.destroy();
  });
}

/** The dialogue up to STARTTLS, over the few bytes that it takes. */
async function askForTls(socket: Socket, signal: AbortSignal): Promise<void> {
  const whole = (bytes: Buffer) => /(?:^|\n)\d{3}(?: [^\n]*)?\r?\n$/.test(bytes.toString("latin1"));
  const expect = async (code: string) => {
    const reply = (await read(socket, signal, whole)).toString("latin1");
    if (!reply.startsWith(code))
      throw new Ended("STARTTLS_NOT_OFFERED", printable(Buffer.from(reply, "latin1")));
  };
  await expect("220");
  socket.write("EHLO [127.0.0.1]\r\n");
  await expect("250");
  socket.write("STARTTLS\r\n");
  await expect("220");
}

function read(socket: Socket, signal: AbortSignal, isWhole: (bytes: Buffer) => boolean): Promise<Buffer> {
  return settle<Buffer>(signal, (resolve, reject) => {
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (isWhole(bytes) || bytes.length > mostClear) {
        // Nobody takes what comes next but the handshake.
        socket.pause();
        resolve(bytes);
      }
    };
    const onClose = () => reject(new Ended("CLOSED", "the server closed the connection"));
    socket.on("data", onData);
    socket.on("close", onClose);
    socket.resume();
    return () => {
      socket.off("data", onData);
      socket.off("close", onClose);
    };
  });
}

function upgrade(
  socket: Socket,
  { name }: Peer,
  options: ConnectionOptions,
  signal: AbortSignal,
  begun: (tls: TLSSocket) => void,
): Promise<TLSSocket> {
  return settle<TLSSocket>(signal, (resolve, reject) => {
    const sni = isIP(name) === 0 ? { servername: name } : {};
    // A report only: no secret and no mail ever crosses this connection.
    const tls = tlsConnect({ socket, ...sni, ...options, rejectUnauthorized: false });
    begun(tls);
    tls.once("secureConnect", () => {
      // TLS 1.3 servers refuse a missing client certificate after our side is done.
      if (tls.getProtocol() === "TLSv1.3") setTimeout(() => resolve(tls), 100).unref();
      else resolve(tls);
    });
    tls.on("error", reject);
    tls.once("close", () => reject(new Ended("CLOSED", "the server closed the connection")));
    return () => undefined;
  });
}

/** Ends with the signal at the latest. */
function settle<T>(
  signal: AbortSignal,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Ended("TIMEOUT", "no time left"));
      return;
    }
    let end: () => void = () => undefined;
    const over = () => {
      end();
      reject(new Ended("TIMEOUT", "no answer in time"));
    };
    signal.addEventListener("abort", over, { once: true });
    const finish =
      <Value>(then: (value: Value) => void, clean: boolean) =>
      (value: Value) => {
        signal.removeEventListener("abort", over);
        if (clean) end();
        then(value);
      };
    try {
      end = begin(finish(resolve, false), finish(reject, true));
    } catch (error) {
      // Options that OpenSSL cannot have at once, such as a version that the level forbids.
      finish(reject, true)(error);
    }
  });
}

function codeOf(error: unknown, signal: AbortSignal): Pick<Handshake, "code" | "reason"> {
  const { code, reason, message } = error as NodeJS.ErrnoException & { readonly reason?: string };
  if (code === undefined) return { code: signal.aborted ? "TIMEOUT" : "FAILED", reason: message };
  return { code, reason: reason ?? message };
}
