// TLS as few servers do it: alerts, old or odd ServerHellos, weak keys, and boxes in between that dislike a handshake.
import { execFile } from "node:child_process";
import { getDiffieHellman } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, type SecureContextOptions, TLSSocket, type TLSSocketOptions } from "node:tls";
import { promisify } from "node:util";
import { type Authority, issue } from "../../../src/sandbox/certificates.ts";
import type { Place, Service } from "../case.ts";
import { onEach } from "./raw.ts";

const run = promisify(execFile);

/** Answers the first bytes with this fatal alert (RFC 8446 §6), then closes. */
export const alerts = (description: number): Service =>
  onEach((socket) => socket.once("data", () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, description]))));

/** Answers a ClientHello with this ServerHello and waits. */
export const choosing = (version: 0x0301 | 0x0303, cipher: number, extensions: Buffer): Service =>
  onEach((socket) => socket.once("data", () => socket.write(serverHello(version, cipher, extensions))));

/** RFC 5746: an empty renegotiation_info. */
export const secureRenegotiation = Buffer.from([0xff, 0x01, 0x00, 0x01, 0x00]);

function serverHello(version: number, cipher: number, extensions: Buffer): Buffer {
  const numbers = (bytes: number, value: number) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUIntBE(value, 0, bytes);
    return buffer;
  };
  const body = Buffer.concat([
    numbers(2, version),
    Buffer.alloc(32, 7),
    numbers(1, 0),
    numbers(2, cipher),
    numbers(1, 0),
    ...(extensions.length === 0 ? [] : [numbers(2, extensions.length), extensions]),
  ]);
  const message = Buffer.concat([numbers(1, 2), numbers(3, body.length), body]);
  return Buffer.concat([numbers(1, 0x16), numbers(2, version), numbers(2, message.length), message]);
}

export interface TlsPeer {
  readonly options?: (place: Place) => Promise<TLSSocketOptions & SecureContextOptions>;
  /** Looks at the first bytes; `reset` ends the connection there. */
  readonly before?: (hello: Buffer) => "reset" | "pass";
}

/** A plain SMTP dialogue inside of TLS of one's own making. */
export function overTls({ options, before }: TlsPeer): Service {
  return async (place) => {
    const certificate = await issue(place.authority, { names: [place.host] });
    const made = { key: certificate.keyPem, cert: certificate.chain, ...(await options?.(place)) };
    const secureContext = createSecureContext(made);
    return onEach((socket) =>
      socket.once("data", (hello: Buffer) => {
        if (before?.(hello) === "reset") return socket.resetAndDestroy();
        socket.pause();
        socket.unshift(hello);
        const secured = new TLSSocket(socket, { ...made, isServer: true, secureContext });
        secured.on("error", () => socket.destroy());
        secured.once("secure", () => {
          // Node's own servers do so; a bare TLSSocket leaves the check to whoever made it.
          if (made.requestCert === true && secured.getPeerCertificate().raw === undefined) return;
          secured.write(`220 ${place.host} ESMTP\r\n`);
        });
        secured.on("data", (chunk: Buffer) => {
          for (const line of chunk.toString("latin1").split("\r\n").slice(0, -1)) {
            if (/^EHLO/i.test(line)) secured.write(`250-${place.host}\r\n250 AUTH PLAIN LOGIN\r\n`);
            else if (/^AUTH/i.test(line)) secured.write("235 2.7.0 Accepted\r\n");
            else if (/^QUIT/i.test(line)) secured.end("221 2.0.0 Bye\r\n");
            else secured.write("250 2.0.0 OK\r\n");
          }
        });
      }),
    )(place);
  };
}

/** DH parameters of 1024 bits (RFC 2409 §6.2) as PEM. */
export function dh1024(): string {
  const prime = getDiffieHellman("modp2").getPrime();
  const integer = Buffer.concat([Buffer.from([0x02, 0x81, prime.length + 1, 0]), prime]);
  const body = Buffer.concat([integer, Buffer.from([0x02, 0x01, 0x02])]);
  const der = Buffer.concat([Buffer.from([0x30, 0x81, body.length]), body]);
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN DH PARAMETERS-----", ...lines, "-----END DH PARAMETERS-----", ""].join("\n");
}

/** A certificate of OpenSSL's making, signed by the authority: weak keys and old forms, which our own issuer does not do. */
export async function signedByOpenssl(
  authority: Authority,
  host: string,
  { bits, altName }: { readonly bits: number; readonly altName: boolean },
): Promise<{ readonly keyPem: string; readonly chain: string }> {
  const directory = await mkdtemp(join(tmpdir(), "postrider-certificate-"));
  const at = (name: string) => join(directory, name);
  try {
    await writeFile(at("ca.pem"), authority.certPem);
    await writeFile(at("ca.key"), authority.keyPem, { mode: 0o600 });
    const names = altName ? `subjectAltName=DNS:${host}\n` : "";
    await writeFile(at("extensions"), `${names}extendedKeyUsage=serverAuth\n`);
    const request = ["-newkey", `rsa:${bits}`, "-nodes", "-subj", `/CN=${host}`];
    await run("openssl", ["req", "-new", ...request, "-keyout", at("key.pem"), "-out", at("request.pem")]);
    const ca = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", "30"];
    await run("openssl", [
      ...["x509", "-req", "-in", at("request.pem"), ...ca],
      ...["-extfile", at("extensions"), "-out", at("cert.pem")],
    ]);
    return { keyPem: await readFile(at("key.pem"), "utf8"), chain: await readFile(at("cert.pem"), "utf8") };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
