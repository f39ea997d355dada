import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import fc from "fast-check";
import nodemailer from "nodemailer";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { type Certificate, issue, makeAuthority } from "../../src/sandbox/certificates.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.ts";
import { connect } from "../../src/smtp/client.ts";
import { Peer } from "./peer.ts";

let certificate: Certificate;
beforeAll(async () => {
  certificate = await issue(await makeAuthority(), { names: ["localhost", "127.0.0.1"] });
});

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

async function start(
  options: Partial<SandboxOptions> = {},
): Promise<Sandbox & { catcher: Catcher; port: number }> {
  const catcher = new Catcher();
  const box = await startSandbox({ catcher, ...options });
  cleanUp.push(
    () => catcher.close(),
    () => box.close(),
  );
  return { ...box, catcher, port: box.endpoints[0]!.port };
}

async function greeted(port: number): Promise<Peer> {
  const peer = await Peer.greeted(port);
  cleanUp.push(() => peer.destroy());
  return peer;
}

const message = "From: a@x.example\r\nSubject: hello\r\n\r\nbody\r\n";

describe("a foreign client", () => {
  it.each([
    { security: "none" as const, method: "PLAIN" },
    { security: "starttls" as const, method: "LOGIN" },
    { security: "tls" as const, method: "CRAM-MD5" },
  ])("sends by $security with AUTH $method", async ({ security, method }) => {
    const { port, catcher, counts } = await start({
      listeners: [{ security }],
      tls: certificate,
      credentials: { username: "user", secret: "sesame" },
      requireSignIn: true,
    });
    const transport = nodemailer.createTransport({
      host: "localhost",
      port,
      secure: security === "tls",
      requireTLS: security === "starttls",
      tls: { ca: certificate.caPem },
      authMethod: method,
      auth: { user: "user", pass: "sesame" },
    });
    const lines = [".leading dot", "..two", "ünï", "x".repeat(900)];
    await transport.sendMail({
      from: "a@x.example",
      to: "b@y.example",
      bcc: "c@z.example",
      subject: "s",
      text: lines.join("\n"),
    });
    const [caught] = catcher.list();
    expect(caught?.envelope).toEqual({ from: "a@x.example", to: ["b@y.example", "c@z.example"] });
    expect((await catcher.get(caught!.id))?.text?.trimEnd()).toBe(lines.join("\n"));
    expect(counts).toMatchObject({ signIns: 1, messages: 1, recipients: 2 });
  });

  it("is refused with the wrong secret", async () => {
    const { port, counts } = await start({ credentials: { username: "user", secret: "sesame" } });
    const transport = nodemailer.createTransport({
      host: "127.0.0.1",
      port,
      auth: { user: "user", pass: "open" },
    });
    await expect(transport.verify()).rejects.toMatchObject({ responseCode: 535 });
    expect(counts).toMatchObject({ signIns: 0, signInFailures: 1 });
  });

  it("reuses one connection for many messages", async () => {
    const { port, counts } = await start();
    const transport = nodemailer.createTransport({ host: "127.0.0.1", port, pool: true, maxConnections: 1 });
    cleanUp.push(() => transport.close());
    for (let index = 0; index < 5; index++) {
      await transport.sendMail({ from: "a@x.example", to: "b@y.example", text: String(index) });
    }
    expect(counts).toMatchObject({ connections: 1, messages: 5 });
  });
});

describe("sign-in", () => {
  const credentials = { username: "user@x.example", secret: "pass word" };
  const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

  it("PLAIN works with and without an initial response", async () => {
    const { port } = await start({ credentials });
    const one = await greeted(port);
    expect(await one.ask(`AUTH PLAIN ${base64("\0user@x.example\0pass word")}`)).toMatch(/^235 /);
    const other = await greeted(port);
    expect(await other.ask("AUTH PLAIN")).toBe("334 ");
    expect(await other.ask(base64("\0user@x.example\0pass word"))).toMatch(/^235 /);
    expect(await other.ask("AUTH PLAIN =")).toMatch(/^503 /);
  });

  it.each([
    "SCRAM-SHA-256",
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
  ] as const)("%s lets our own client in, and only with the right secret", async (mechanism) => {
    const { endpoints, counts } = await start({ credentials });
    const signIn = (password: string) =>
      connect({
        endpoint: endpoints[0]!,
        credentials: { username: credentials.username, password, mechanisms: [mechanism] },
      });
    const connection = await signIn(credentials.secret);
    await connection.quit();
    await expect(signIn("pass wort")).rejects.toMatchObject({
      facts: { stage: "auth", reply: { code: 535 } },
    });
    expect(counts).toMatchObject({ signIns: 1, signInFailures: 1 });
  });

  it("CRAM-MD5 compares with the digest", async () => {
    const { port } = await start({ credentials });
    const peer = await greeted(port);
    const nonce = Buffer.from((await peer.ask("AUTH CRAM-MD5")).slice(4), "base64").toString();
    const digest = createHmac("md5", "pass word").update(nonce).digest("hex");
    expect(
      await peer.ask(base64(`user@x.example ${digest.replace(/^./, (c) => (c === "0" ? "1" : "0"))}`)),
    ).toMatch(/^535 /);
    const again = Buffer.from((await peer.ask("AUTH CRAM-MD5")).slice(4), "base64").toString();
    const right = createHmac("md5", "pass word").update(again).digest("hex");
    expect(await peer.ask(base64(`user@x.example ${right}`))).toMatch(/^235 /);
  });

  it.each([
    ["XOAUTH2", (token: string) => `user=user@x.example\x01auth=Bearer ${token}\x01\x01`],
    [
      "OAUTHBEARER",
      (token: string) => `n,a=user@x.example,\x01host=h\x01port=25\x01auth=Bearer ${token}\x01\x01`,
    ],
  ])("%s explains a refusal in a challenge and lets the right token in", async (mechanism, response) => {
    const { port } = await start({ credentials });
    const peer = await greeted(port);
    const challenge = await peer.ask(`AUTH ${mechanism} ${base64(response("wrong"))}`);
    expect(JSON.parse(Buffer.from(challenge.slice(4), "base64").toString())).toHaveProperty("status");
    expect(await peer.ask("")).toMatch(/^535 /);
    expect(await peer.ask(`AUTH ${mechanism} ${base64(response("pass word"))}`)).toMatch(/^235 /);
  });

  it("is given up by *, and refuses what is no base64", async () => {
    const { port } = await start({ credentials });
    const peer = await greeted(port);
    await peer.ask("AUTH LOGIN");
    expect(await peer.ask("*")).toMatch(/^501 /);
    expect(await peer.ask("AUTH PLAIN !!!")).toMatch(/^501 /);
    expect(await peer.ask("AUTH PLAIN AAAA")).toMatch(/^501 /);
    expect(await peer.ask("AUTH GSSAPI")).toMatch(/^504 /);
  });

  it("ends the connection after too many wrong secrets", async () => {
    const { port } = await start({ credentials, bounds: { mistakes: 2 } });
    const peer = await greeted(port);
    const wrong = base64("\0user@x.example\0no");
    peer.send(`AUTH PLAIN ${wrong}\r\n`.repeat(4));
    const text = await peer.rest();
    expect(text.match(/^535 /gm)).toHaveLength(3);
    expect(text).toMatch(/^421 /m);
  });
});

describe("STARTTLS", () => {
  it("forgets commands that were pipelined in clear behind it", async () => {
    // RFC 3207 §4.2: an attacker could put commands there that then run in the victim's name.
    const { port, counts } = await start({ listeners: [{ security: "starttls" }], tls: certificate });
    const peer = await greeted(port);
    peer.send("STARTTLS\r\nEHLO attacker\r\nMAIL FROM:<attacker@x.example>\r\n");
    expect(await peer.reply()).toMatch(/^220 /);
    await peer.handshake(certificate.caPem);
    expect(await peer.ask("MAIL FROM:<a@x.example>"), "EHLO is asked for anew").toMatch(/^503 .*EHLO/);
    const capabilities = await peer.ask("EHLO client.example");
    expect(capabilities).not.toContain("STARTTLS");
    expect(await peer.ask("STARTTLS")).toMatch(/^503 /);
    expect(counts.messages).toBe(0);
  });

  it("resumes sessions, without which each connection costs a whole handshake", async () => {
    const { port } = await start({ listeners: [{ security: "tls" }], tls: certificate });
    const reach = async (session?: Buffer) => {
      const options = { port, host: "127.0.0.1", servername: "localhost", ca: certificate.caPem, session };
      const socket = connectTls(options);
      cleanUp.push(() => socket.destroy());
      socket.resume();
      await once(socket, "secureConnect");
      return socket;
    };
    const first = await reach();
    expect(first.isSessionReused()).toBe(false);
    const [ticket] = await once(first, "session");
    expect((await reach(ticket)).isSessionReused()).toBe(true);
  });

  it("is not offered on a clear listener, and counts failed handshakes", async () => {
    const { endpoints, counts } = await start({
      listeners: [{ security: "none" }, { security: "starttls" }],
      tls: certificate,
    });
    const clear = await greeted(endpoints[0]!.port);
    expect(await clear.ask("STARTTLS")).toMatch(/^502 /);
    const peer = await greeted(endpoints[1]!.port);
    await peer.ask("STARTTLS");
    peer.send("this is no ClientHello\r\n");
    await peer.rest();
    await expect.poll(() => counts.tlsFailures).toBe(1);
  });
});

describe("content", () => {
  it("is kept byte for byte, and dots are unstuffed", async () => {
    const { port, catcher } = await start();
    const peer = await greeted(port);
    peer.send("MAIL FROM:<>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
    expect((await peer.replies(3)).map((reply) => reply.slice(0, 3))).toEqual(["250", "250", "354"]);
    peer.send("..one\r\n...two\r\nthree.\r\n\0\xff\r\n.\r\n");
    expect(await peer.reply()).toMatch(/^250 /);
    expect(catcher.source("1")?.toString("latin1")).toBe(
      Buffer.from(".one\r\n..two\r\nthree.\r\n\0\xff\r\n").toString("latin1"),
    );
    expect(catcher.list()[0]?.envelope.from).toBe("");
  });

  it("may be empty", async () => {
    const { port, catcher } = await start();
    const peer = await greeted(port);
    peer.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n.\r\n");
    expect((await peer.replies(4))[3]).toMatch(/^250 /);
    expect(catcher.source("1")?.length).toBe(0);
  });

  it.each([
    "\n.\r\n",
    "\n.\n",
    "\r\n.\n",
    "\r.\r",
    "\r\n.\r",
    "\r\n\x00.\r\n",
  ])("does not end at %j, by which a second message could be smuggled in", async (smuggled) => {
    const { port, catcher, counts } = await start();
    const peer = await greeted(port);
    await peer.ask("MAIL FROM:<a@x.example>");
    await peer.ask("RCPT TO:<b@y.example>");
    await peer.ask("DATA");
    peer.send(`one${smuggled}MAIL FROM:<admin@x.example>\r\n`);
    peer.send("end\r\n.\r\n");
    expect(await peer.reply()).toMatch(/^250 /);
    expect(counts.messages).toBe(1);
    expect(catcher.source("1")?.toString("latin1")).toContain("MAIL FROM:<admin@x.example>\r\nend\r\n");
  });

  it("is the same however the network cuts it", async () => {
    const { port, catcher } = await start();
    const peer = await greeted(port);
    const wire =
      "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n..a\r\n.\n\r\n..\r\nz\r\n.\r\nNOOP\r\n";
    for (const byte of wire) peer.send(byte);
    const replies = await peer.replies(5);
    expect(replies.map((reply) => reply.slice(0, 3))).toEqual(["250", "250", "354", "250", "250"]);
    expect(catcher.source("1")?.toString("latin1")).toBe(".a\r\n\n\r\n.\r\nz\r\n");
  });

  it("over the size is refused at MAIL when announced, and after its end when not", async () => {
    const { port, counts } = await start({ bounds: { messageBytes: 1_000 } });
    const peer = await greeted(port);
    expect(await peer.ask("MAIL FROM:<a@x.example> SIZE=1001")).toMatch(/^552 5\.3\.4 /);
    peer.send("MAIL FROM:<a@x.example> SIZE=10\r\nRCPT TO:<b@y.example>\r\nDATA\r\n");
    await peer.replies(3);
    peer.send(`${"x".repeat(998)}\r\n`.repeat(50));
    peer.send(".\r\n");
    expect(await peer.reply()).toMatch(/^552 5\.3\.4 /);
    peer.send(`MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n${"x".repeat(998)}\r\n.\r\n`);
    expect((await peer.replies(4))[3], "exactly the limit").toMatch(/^250 /);
    expect(counts.messages).toBe(1);
  });

  it("that cannot be kept is refused for now, and the session goes on", async () => {
    const catcher = new Catcher({ maxBytes: 10 });
    const { port } = await start({ catcher });
    const peer = await greeted(port);
    peer.send(`MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n${message}.\r\nNOOP\r\n`);
    const replies = await peer.replies(5);
    expect(replies[3]).toMatch(/^452 4\.3\.1 /);
    expect(replies[4]).toMatch(/^250 /);
    catcher.close();
  });

  it("comes in chunks by BDAT, in which dots mean nothing", async () => {
    const { port, catcher } = await start();
    const peer = await greeted(port);
    peer.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nBDAT 9\r\nab\r\n.\r\ncd");
    peer.send("BDAT 0\r\nBDAT 3 LAST\r\n..eNOOP\r\n");
    expect((await peer.replies(6)).map((reply) => reply.slice(0, 3))).toEqual([
      "250",
      "250",
      "250",
      "250",
      "250",
      "250",
    ]);
    expect(catcher.source("1")?.toString()).toBe("ab\r\n.\r\ncd..e");
    expect(await peer.ask("BDAT 99999999999 LAST"), "a chunk nobody could hold").toMatch(/^552 /);
    expect(await peer.rest()).toBe("");
  });

  it("of a chunk without a transaction is passed over, and what follows it is a command again", async () => {
    const { port, counts } = await start();
    const peer = await greeted(port);
    peer.send("BDAT 30 LAST\r\nMAIL FROM:<evil@x.example>\r\nxxRSET\r\nRSET\r\n");
    expect(await peer.reply()).toMatch(/^503 /);
    expect(await peer.reply()).toMatch(/^250 /);
    expect(counts.messages).toBe(0);
  });
});

describe("bounds", () => {
  it("end a line that never ends", async () => {
    const { port } = await start({ bounds: { lineBytes: 1_000 } });
    const peer = await greeted(port);
    peer.send("x".repeat(2_000));
    expect(await peer.rest()).toMatch(/^500 .*too long/);
  });

  it("refuse a line that ends in LF alone, and understand the next", async () => {
    const { port } = await start();
    const peer = await greeted(port);
    peer.send("NOOP\nNOOP\r\n");
    expect(await peer.reply()).toMatch(/^500 .*CR LF/);
    expect(await peer.reply()).toMatch(/^250 /);
  });

  it("limit recipients, connections and nonsense", async () => {
    const { port, counts } = await start({ bounds: { recipients: 1, connections: 1, mistakes: 3 } });
    const peer = await greeted(port);
    await peer.ask("MAIL FROM:<a@x.example>");
    expect(await peer.ask("RCPT TO:<b@y.example>")).toMatch(/^250 /);
    expect(await peer.ask("RCPT TO:<c@y.example>")).toMatch(/^452 4\.5\.3/);
    const second = await Peer.connect(port);
    expect(await second.rest()).toMatch(/^421 /);
    expect(counts.turnedAway).toBe(1);
    peer.send("X1\r\nX2\r\nX3\r\nX4\r\n");
    expect(await peer.rest()).toMatch(/^421 /m);
  });

  it("end a connection that says nothing", async () => {
    const { port } = await start({ bounds: { idleMs: 50 } });
    const peer = await Peer.connect(port);
    expect(await peer.rest()).toMatch(/421 4\.4\.2/);
  });

  it("end sessions with 421 when the server closes", async () => {
    const { port, close } = await start();
    const peer = await greeted(port);
    const closed = close();
    expect(await peer.rest()).toMatch(/^421 4\.3\.2/);
    await closed;
  });
});

describe("order and syntax", () => {
  it.each([
    ["MAIL FROM:<a@x.example>", 250],
    ["MAIL FROM: <a@x.example>", 250],
    ["mail from:<>", 250],
    ['MAIL FROM:<"odd >name"@x.example>', 250],
    ["MAIL FROM:<@relay.example:a@x.example>", 250],
    ["MAIL FROM:<a@[127.0.0.1]>", 250],
    ["MAIL FROM:<a@x.example> BODY=8BITMIME SIZE=10 RET=HDRS ENVID=x", 250],
    ["MAIL FROM:<ü@x.example> SMTPUTF8", 250],
    ["MAIL FROM:<ü@x.example>", 553],
    ["MAIL FROM:a@x.example", 501],
    ["MAIL FROM:<a>", 501],
    ["MAIL FROM:<a b@x.example>", 501],
    ["MAIL FROM:<a@x.example", 501],
    ["MAIL FROM:<a@x.example>SIZE=1", 501],
    ["MAIL FROM:<a@x.example> SIZE=1 SIZE=2", 501],
    ["MAIL FROM:<a@x.example> SIZE=x", 501],
    ["MAIL FROM:<a@x.example> HOLDFOR=1", 555],
    ["RCPT TO:<b@y.example>", 503],
    ["DATA", 503],
    ["STARTTLS now", 501],
    ["VRFY b", 252],
    ["HELP", 214],
    ["EHLO", 501],
    ["XYZZY", 500],
    ["", 500],
  ])("%j is answered with %i", async (line, code) => {
    const { port } = await start({ listeners: [{ security: "starttls" }], tls: certificate });
    const peer = await greeted(port);
    expect(await peer.ask(line)).toMatch(new RegExp(`^${code} `));
  });

  it("HELO offers nothing, EHLO starts anew", async () => {
    const { port } = await start();
    const peer = await Peer.connect(port);
    cleanUp.push(() => peer.destroy());
    await peer.reply();
    expect(await peer.ask("MAIL FROM:<a@x.example>")).toMatch(/^503 /);
    expect(await peer.ask("HELO client")).toBe("250 sandbox.postrider");
    await peer.ask("MAIL FROM:<a@x.example>");
    expect(await peer.ask("MAIL FROM:<a@x.example>")).toMatch(/^503 /);
    expect(await peer.ask("EHLO client")).toContain("250-PIPELINING");
    expect(await peer.ask("RCPT TO:<b@y.example>")).toMatch(/^503 /);
  });
});

describe("any bytes at all", () => {
  const word = fc.constantFrom(
    "EHLO x\r\n",
    "HELO x\r\n",
    "MAIL FROM:<a@x.example>\r\n",
    "RCPT TO:<b@y.example>\r\n",
    "DATA\r\n",
    ".\r\n",
    "BDAT 5\r\n",
    "BDAT 5 LAST\r\n",
    "AUTH PLAIN\r\n",
    "AUTH LOGIN\r\n",
    "AUTH SCRAM-SHA-256 biwsbj11LHI9eA==\r\n",
    "AGEAYg==\r\n",
    "*\r\n",
    "RSET\r\n",
    "STARTTLS\r\n",
    "\r\n",
    "\n",
    "\0",
    "<",
    "=",
  );
  const stream = fc.array(
    fc.oneof(
      word.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }).map(Buffer.from),
    ),
    { maxLength: 40 },
  );

  it("never stop the server from serving the next client", async () => {
    const { port, counts } = await start({
      listeners: [{ security: "starttls" }],
      tls: certificate,
      credentials: { username: "u", secret: "s" },
      bounds: { messageBytes: 500 },
    });
    await fc.assert(
      fc.asyncProperty(stream, async (pieces) => {
        const peer = await Peer.connect(port);
        for (const piece of pieces) peer.send(piece);
        peer.end();
        const text = await peer.rest();
        // Whatever it was, it is answered in whole, well-formed lines; after STARTTLS a TLS alert may end it.
        const [lines = ""] = text.split("\x15\x03");
        expect(lines).toMatch(/^(?:\d{3}[ -][^\r\n]*\r\n)*$/);
      }),
      { numRuns: 300 },
    );
    const peer = await greeted(port);
    peer.send(`MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n${message}.\r\n`);
    expect((await peer.replies(4))[3]).toMatch(/^250 /);
    await expect.poll(() => counts.open).toBe(1);
  });
});
