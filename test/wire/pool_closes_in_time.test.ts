// Whoever shuts down waits for the grace that was given and hardly longer, whatever the other side fails to do.
import { expect, it } from "vitest";
import { type ConnectOptions, SmtpPool } from "../../src/smtp/client.ts";
import { envelope, message, type Peer, serve, settings } from "./server.ts";
import { serveTls } from "./tls.ts";

const tls = await serveTls();
const clear = (port: number) => settings(port, { credentials: { username: "me", password: "secret" } });

const hangs: readonly [
  string,
  (peer: Peer) => Promise<unknown> | undefined,
  ((port: number) => ConnectOptions)?,
][] = [
  ["before the greeting", () => undefined],
  [
    "before the answer to EHLO",
    async (peer) => {
      peer.say("220 mail.test\r\n");
      await peer.line();
    },
  ],
  [
    "in the handshake",
    async (peer) => {
      await peer.take(5);
    },
    (port) => tls.trusting(port, "tls"),
  ],
  [
    "in the handshake of STARTTLS",
    async (peer) => {
      await peer.ready("STARTTLS");
      await peer.line();
      peer.say("220 go\r\n");
      await peer.take(5);
    },
    (port) => tls.trusting(port, "starttls"),
  ],
  ["before the answer to AUTH", (peer) => peer.ready("AUTH PLAIN").then(() => peer.line())],
  [
    "before the answer to MAIL",
    async (peer) => {
      await peer.ready("AUTH PLAIN", "PIPELINING");
      await peer.line();
      peer.say("235 welcome\r\n");
      await peer.line();
    },
  ],
  [
    "before the answer to the content",
    async (peer) => {
      await peer.ready("AUTH PLAIN", "PIPELINING");
      await peer.line();
      peer.say("235 welcome\r\n");
      await peer.envelope();
      await peer.content();
    },
  ],
];

it.each(hangs)("a server that hangs %s", async (_, play, options = clear) => {
  const { promise: hanging, resolve: onHanging } = Promise.withResolvers<void>();
  await using server = await serve(async (peer) => {
    await play(peer);
    onHanging();
  });
  const pool = new SmtpPool({ connect: options(server.port), maxConnections: 1 });
  const sending = [1, 2, 3].map(() => pool.send(envelope, message));
  await hanging;
  await pool.close({ graceMs: 20 });
  for (const { recipients } of await Promise.all(sending)) {
    expect(recipients).toMatchObject([{ ok: false, failure: { facts: { kind: "aborted" } } }]);
  }
  await server.peers[0]!.closed();
  expect(pool.connections).toBe(0);
});

it("a caller's function for the settings that never ends", async () => {
  const pool = new SmtpPool({ connect: () => new Promise(() => undefined) });
  const sending = pool.send(envelope, message);
  await pool.close({ graceMs: 20 });
  expect((await sending).recipients).toMatchObject([{ ok: false }]);
});

it("settings that come after the end open nothing", async () => {
  await using server = await serve((peer) => peer.ready());
  const { promise: settled, resolve: settle } = Promise.withResolvers<ConnectOptions>();
  const pool = new SmtpPool({ connect: () => settled });
  const sending = pool.send(envelope, message);
  await pool.close({ graceMs: 1 });
  expect((await sending).recipients).toMatchObject([{ ok: false }]);
  settle(settings(server.port));
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  expect(pool.connections).toBe(0);
  for (const peer of server.peers) await peer.closed();
});

it("a server that does not answer QUIT keeps neither the end nor the next message waiting for long", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.envelope();
    await peer.content();
    peer.say("250 queued\r\n");
    expect(await peer.line()).toBe("QUIT");
  });
  const pool = new SmtpPool({
    connect: settings(server.port),
    maxConnections: 1,
    maxMessagesPerConnection: 1,
  });
  for (let count = 0; count < 2; count += 1) {
    expect((await pool.send(envelope, message)).recipients).toMatchObject([{ ok: true }]);
  }
  await pool.close();
  for (const peer of server.peers) await peer.closed();
  expect(server.peers).toHaveLength(2);
});

it("a second close with less grace cuts the first one short, and both end", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.line();
  });
  const pool = new SmtpPool({ connect: settings(server.port) });
  const sending = pool.send(envelope, message);
  const first = pool.close({ graceMs: 3_600_000 });
  await pool.close({ graceMs: 1 });
  await first;
  expect((await sending).recipients).toMatchObject([{ ok: false }]);
});
