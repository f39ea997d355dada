// Whoever is turned away wants to try the host's next address: every failure after the TCP connection says
// which one it was, and what was sent says where to.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { connect, SmtpPool } from "../../src/smtp/client.ts";
import { closedPort } from "../../src/smtp/testing.ts";
import { envelope, failureOf, message, type Peer, sendOne, serve, settings } from "./server.ts";

const silent = 150;

it.each<[string, string, (peer: Peer) => unknown]>([
  ["greets with a refusal", "greeting", (peer) => peer.say("554 5.7.1 not you\r\n")],
  ["closes before the greeting", "greeting", (peer) => peer.socket.end()],
  ["does not know STARTTLS", "starttls", (peer) => peer.ready()],
  [
    "closes in place of a handshake",
    "tls",
    async (peer) => {
      await peer.ready("STARTTLS");
      await peer.line();
      peer.say("220 go\r\n");
      peer.socket.end();
    },
  ],
  [
    "is silent in place of a handshake",
    "tls",
    async (peer) => {
      await peer.ready("STARTTLS");
      await peer.line();
      peer.say("220 go\r\n");
    },
  ],
])("a server that %s is named", async (_, stage, script) => {
  await using server = await serve(async (peer) => {
    await script(peer);
  });
  const { port } = server;
  const endpoint = { host: "127.0.0.1", port, security: "starttls" } as const;
  const failing = failureOf(connect(settings(port, { endpoint, timeouts: { tls: silent } })));
  const facts = await failing;
  // A reset can overtake the news that the connection stands.
  if (facts.stage !== "connect") expect(facts).toMatchObject({ stage, peer: `127.0.0.1:${port}` });
});

it("a server that speaks in clear where TLS begins is named", async () => {
  await using server = await serve((peer) => peer.say("220 mail.test ESMTP\r\n"));
  const { port } = server;
  const endpoint = { host: "127.0.0.1", port, security: "tls" } as const;
  const facts = await failureOf(connect(settings(port, { endpoint })));
  expect(facts).toMatchObject({
    stage: "tls",
    peer: `127.0.0.1:${port}`,
    received: expect.stringContaining("mail.test"),
  });
});

it("a refused message, a broken one and a taken one name the server", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    const count = server.peers.length;
    if (count === 1) {
      await peer.line();
      peer.say("550 5.7.1 no\r\n");
      return;
    }
    await peer.envelope();
    await peer.content();
    if (count === 2) peer.socket.resetAndDestroy();
    else peer.say("250 queued\r\n");
  });
  const peer = `127.0.0.1:${server.port}`;
  for (const stage of ["mail", "content"]) {
    const result = await sendOne(settings(server.port));
    expect(result).toMatchObject({ peer, recipients: [{ failure: { facts: { stage, peer } } }] });
  }
  expect(await sendOne(settings(server.port))).toMatchObject({ peer, recipients: [{ ok: true }] });
});

it("a pool names the server that turned its connection away, and nobody where none stood", async () => {
  await using server = await serve((peer) => peer.say("554 5.7.1 not you\r\n"));
  const pool = new SmtpPool({ connect: settings(server.port) });
  expect((await pool.send(envelope, message)).peer).toBe(`127.0.0.1:${server.port}`);
  await pool.close();
  const nowhere = new SmtpPool({ connect: settings(await closedPort()) });
  const result = await nowhere.send(envelope, message);
  expect(result.peer).toBeNull();
  expect(result.recipients).toMatchObject([{ failure: { facts: { stage: "connect" } } }]);
  expect((await failureOf(Promise.resolve(result))).peer).toBeUndefined();
  await nowhere.close();
});

it("through a proxy, the proxy is named, and its address can be avoided", async () => {
  const proxy = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .resume()
      .end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const { port } = proxy.address() as AddressInfo;
  const asked: string[] = [];
  const options = settings(25, {
    proxy: { kind: "http", host: "127.0.0.1", port },
    avoid: (address) => {
      asked.push(address);
      return true;
    },
  });
  const facts = await failureOf(connect(options));
  expect(facts).toMatchObject({ stage: "proxy", kind: "proxy", peer: `127.0.0.1:${port}` });
  expect(asked).toEqual(["127.0.0.1"]);
  await new Promise((closed) => proxy.close(closed));
});
