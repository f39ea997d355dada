// Every connection with TLS is verified, and nothing can talk the client out of it: no setting, no
// environment variable, no session kept from a better moment. A refused certificate is named, and the
// server has by then not seen one byte of the dialogue.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Authority,
  type Certificate,
  issue,
  makeAuthority,
  selfSigned,
} from "../../src/sandbox/certificates.ts";
import { type DialOptions, dial } from "../../src/smtp/dial.ts";
import { SmtpFailure, type SmtpFailureFacts } from "../../src/smtp/failure.ts";
import { defaultTimeouts } from "../../src/smtp/options.ts";
import type { Step } from "../../src/smtp/steps.ts";
import { secure } from "../../src/smtp/tls.ts";
import { TlsSessions } from "../../src/smtp/tls-sessions.ts";

const name = "smtp.wire.test";
let authority: Authority;
let good: Certificate;
beforeAll(async () => {
  authority = await makeAuthority();
  good = await issue(authority, { names: [name, "127.0.0.1"], intermediate: true });
});

const cleanup: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const end of cleanup.splice(0)) end();
});

interface Seen {
  readonly port: number;
  /** Bytes of the dialogue, after the handshake. */
  readonly bytes: Buffer[];
  readonly names: (string | false | null)[];
}

/** Greets everyone who gets through the handshake. */
async function tlsServer({ keyPem, chain }: Certificate, more: TlsOptions = {}): Promise<Seen> {
  const seen: Seen = { port: 0, bytes: [], names: [] };
  const server = createServer({ key: keyPem, cert: chain, ...more }, (socket) => {
    socket.on("error", () => undefined).on("data", (bytes: Buffer) => seen.bytes.push(bytes));
    cleanup.push(() => socket.destroy());
    seen.names.push(socket.servername ?? null);
    socket.write("220 hi\r\n");
  });
  server.on("tlsClientError", () => undefined);
  cleanup.push(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { ...seen, port: (server.address() as AddressInfo).port };
}

async function tcpServer(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    cleanup.push(() => socket.destroy());
    onSocket(socket);
  });
  cleanup.push(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

function implicitTls(port: number, more: Partial<DialOptions> = {}): DialOptions {
  return {
    endpoint: { host: "127.0.0.1", port, security: "tls" },
    serverName: name,
    ca: [authority.certPem],
    timeouts: defaultTimeouts,
    ...more,
  };
}

async function failureOf(work: Promise<unknown>): Promise<SmtpFailureFacts> {
  const error: unknown = await work.then(
    () => expect.fail("it went through"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SmtpFailure)) throw error;
  return error.facts;
}

/** Connects, reads the greeting (and with it any ticket) and closes. */
async function visit(options: DialOptions) {
  const { socket, tls } = await dial(options);
  await once(socket, "data");
  socket.destroy();
  return tls!;
}

describe("a good certificate", () => {
  it("is reported with its chain, protocol and cipher", async () => {
    const { port } = await tlsServer(good);
    const steps: Step[] = [];
    const facts = await visit(implicitTls(port, { onStep: (step) => steps.push(step) }));
    expect(facts).toMatchObject({ protocol: "TLSv1.3", resumed: false });
    expect(facts.cipher).toMatch(/^TLS_/);
    expect(facts.chain.length).toBeGreaterThanOrEqual(2);
    expect(facts.chain[0]).toMatchObject({ subject: `CN=${name}`, altNames: [name, "127.0.0.1"] });
    expect(facts.chain[0]!.issuer).toBe(facts.chain[1]!.subject);
    expect(facts.chain[0]!.validTo).toMatch(/^\d{4}-\d\d-\d\dT/);
    const step = steps.at(-1)!;
    expect(step).toMatchObject({ stage: "tls", ok: true, tls: facts });
    expect(step.bytesSent).toBeGreaterThan(100);
    expect(step.bytesReceived).toBeGreaterThan(500);
  });

  it("for an address is checked against the address, and no name is sent", async () => {
    const server = await tlsServer(good);
    const { serverName: _, ...byAddress } = implicitTls(server.port);
    await visit(byAddress);
    await visit(implicitTls(server.port, { serverName: `${name}.` }));
    expect(server.names).toEqual([false, name]);
  });

  it.each([
    false,
    true,
  ])("from an authority in NODE_EXTRA_CA_CERTS is trusted (beside another of ours: %s)", async (beside) => {
    const { port } = await tlsServer(good);
    const directory = mkdtempSync(join(tmpdir(), "postrider-wire-"));
    cleanup.push(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "ca.pem");
    writeFileSync(file, authority.certPem);
    const options = implicitTls(port, { ca: beside ? [(await makeAuthority()).certPem] : [] });
    const program = `
        import { dial } from ${JSON.stringify(new URL("../../src/smtp/dial.ts", import.meta.url).href)};
        const { socket, tls } = await dial(${JSON.stringify(options)});
        console.log(tls.chain[0].subject);
        socket.destroy();`;
    const child = execFile(process.execPath, ["--input-type=module", "-e", program], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file },
    });
    const [said] = await once(child.stdout!.setEncoding("utf8"), "data");
    expect(said).toBe(`CN=${name}\n`);
  });

  it("from an authority that nobody named is refused", async () => {
    const { port } = await tlsServer(good);
    expect((await failureOf(visit(implicitTls(port, { ca: [] })))).code).toBe(
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    );
  });
});

describe("a bad certificate", () => {
  const bad: readonly [string, string, () => Promise<Certificate>][] = [
    ["self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT", () => selfSigned({ names: [name] })],
    [
      "out of date",
      "CERT_HAS_EXPIRED",
      () =>
        issue(authority, {
          names: [name],
          notBefore: new Date("2020-01-01"),
          notAfter: new Date("2021-01-01"),
        }),
    ],
    [
      "not yet valid",
      "CERT_NOT_YET_VALID",
      () =>
        issue(authority, {
          names: [name],
          notBefore: new Date("2090-01-01"),
          notAfter: new Date("2091-01-01"),
        }),
    ],
    ["for another name", "ERR_TLS_CERT_ALTNAME_INVALID", () => issue(authority, { names: ["other.test"] })],
    [
      "from a stranger",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      async () => issue(await makeAuthority({ name: "Stranger" }), { names: [name] }),
    ],
  ];

  it.each(bad)("that is %s ends with %s, shows it, and the server hears nothing", async (_, code, make) => {
    const server = await tlsServer(await make());
    const steps: Step[] = [];
    const facts = await failureOf(dial(implicitTls(server.port, { onStep: (step) => steps.push(step) })));
    expect(facts).toMatchObject({
      stage: "tls",
      kind: "tls",
      code,
      certainty: "not-accepted",
      secured: false,
    });
    expect(facts.certificate?.subject).toMatch(/^CN=/);
    expect(steps.at(-1)).toMatchObject({ stage: "tls", ok: false });
    expect(server.bytes).toEqual([]);
  });

  it("is refused whatever NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const { port } = await tlsServer(await selfSigned({ names: [name] }));
    expect((await failureOf(dial(implicitTls(port)))).code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });
});

describe("a session", () => {
  it.each(["TLSv1.2", "TLSv1.3"] as const)("of %s is resumed, and still shows the chain", async (version) => {
    const { port } = await tlsServer(good, { maxVersion: version });
    const sessions = new TlsSessions();
    const first = await visit(implicitTls(port, { sessions }));
    const second = await visit(implicitTls(port, { sessions }));
    expect([first.resumed, second.resumed]).toEqual([false, true]);
    expect(second.chain).toEqual(first.chain);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("of %s vouches for no other name", async (version) => {
    const { port } = await tlsServer(good, { maxVersion: version });
    const sessions = new TlsSessions();
    // Addresses, since the server itself refuses to resume a session for another SNI.
    await visit(implicitTls(port, { sessions, serverName: "127.0.0.1" }));
    const facts = await failureOf(dial(implicitTls(port, { sessions, serverName: "127.0.0.9" })));
    expect(facts.code).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("made under one trust is not used under another", async () => {
    const { port } = await tlsServer(good);
    const sessions = new TlsSessions();
    await visit(implicitTls(port, { sessions }));
    expect((await failureOf(dial(implicitTls(port, { sessions, ca: [] })))).kind).toBe("tls");
  });

  it.each([
    "TLSv1.2",
    "TLSv1.3",
  ] as const)("of %s is never kept when the certificate was refused", async (version) => {
    const { port } = await tlsServer(await selfSigned({ names: [name] }), { maxVersion: version });
    const sessions = new TlsSessions();
    for (let i = 0; i < 2; i++) {
      expect((await failureOf(dial(implicitTls(port, { sessions })))).kind).toBe("tls");
      expect(sessions.size).toBe(0);
    }
  });

  it("that the server no longer knows costs a full handshake and nothing else", async () => {
    const sessions = new TlsSessions();
    const tickets = [Buffer.alloc(48, 1), Buffer.alloc(48, 2)];
    const server = createServer({ key: good.keyPem, cert: good.chain, ticketKeys: tickets[0]! }, (socket) =>
      socket.on("error", () => undefined).end("220 hi\r\n"),
    );
    cleanup.push(() => server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const options = implicitTls((server.address() as AddressInfo).port, { sessions });
    await visit(options);
    server.setTicketKeys(tickets[1]!);
    expect((await visit(options)).resumed).toBe(false);
  });
});

describe("a handshake", () => {
  it("with a server that speaks in clear names what it says", async () => {
    const port = await tcpServer((socket) => socket.write("220 mail.test ESMTP\r\n"));
    expect(await failureOf(dial(implicitTls(port)))).toMatchObject({
      stage: "tls",
      kind: "tls",
      code: "ERR_SSL_WRONG_VERSION_NUMBER",
      received: "220 mail.test ESMTP\\r\\n",
    });
  });

  it("that the server cuts off is a broken connection", async () => {
    const port = await tcpServer((socket) => socket.once("data", () => socket.end()));
    expect(await failureOf(dial(implicitTls(port)))).toMatchObject({
      stage: "tls",
      kind: "socket",
      code: "ECONNRESET",
    });
  });

  it("that the server leaves unanswered ends in time, or when the caller says so", async () => {
    const port = await tcpServer((socket) => socket.resume());
    const timeouts = { ...defaultTimeouts, tls: 30 };
    expect(await failureOf(dial(implicitTls(port, { timeouts })))).toMatchObject({
      stage: "tls",
      kind: "timeout",
    });
    const abort = new AbortController();
    const silent = await tcpServer((socket) => socket.once("data", () => abort.abort()));
    expect(await failureOf(dial(implicitTls(silent, { signal: abort.signal })))).toMatchObject({
      kind: "aborted",
    });
  });

  it("does not begin when data came in clear before it (RFC 3207 §4.2)", async () => {
    const port = await tcpServer((socket) => socket.write("250 injected\r\n"));
    const socket = connect(port, "127.0.0.1");
    await once(socket, "readable");
    expect(await failureOf(secure(socket, implicitTls(port)))).toMatchObject({
      stage: "tls",
      kind: "protocol",
      code: "DATA_BEFORE_TLS",
      received: "250 injected\\r\\n",
    });
    expect(socket.destroyed).toBe(true);
  });

  it("runs through a proxy as it does without", async () => {
    const server = await tlsServer(good);
    const proxyPort = await tcpServer((socket) =>
      socket.once("data", () => {
        const far = connect(server.port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
        far.on("error", () => undefined);
        socket.pipe(far).pipe(socket);
      }),
    );
    const options = implicitTls(465, {
      endpoint: { host: name, port: 465, security: "tls" },
      proxy: { kind: "http", host: "127.0.0.1", port: proxyPort },
    });
    expect((await visit(options)).chain[0]?.subject).toBe(`CN=${name}`);
  });
});
