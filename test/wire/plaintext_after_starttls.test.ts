// A server, or someone in between, agrees to STARTTLS and goes on in clear. Nothing but a handshake may follow.
import { once } from "node:events";
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { failureOf, serve, settings } from "./server.ts";

const starttls = (port: number) => ({
  ...settings(port, { credentials: { username: "me", password: "geheim" } }),
  endpoint: { host: "127.0.0.1", port, security: "starttls" as const },
});

it("a reply in clear where the handshake should be ends the connection, and no secret was sent", async () => {
  const heard: Buffer[] = [];
  await using server = await serve(async (peer) => {
    await peer.ready("STARTTLS", "AUTH PLAIN");
    await peer.line();
    const socket = peer.release();
    peer.say("220 go ahead\r\n");
    const [hello]: Buffer[] = await once(socket, "data");
    socket.on("data", (bytes: Buffer) => heard.push(bytes));
    heard.push(hello!);
    peer.say("250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n");
    await peer.closed();
  });
  const facts = await failureOf(connect(starttls(server.port)));
  expect(facts).toMatchObject({ stage: "tls", kind: "tls", secured: false });
  expect(facts.code).toMatch(/^ERR_SSL_/);
  const said = Buffer.concat(heard).toString("latin1");
  expect(said).not.toContain(Buffer.from("\0me\0geheim").toString("base64"));
  expect(said).not.toContain("AUTH");
});

it("a refusal of STARTTLS is not passed over", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("STARTTLS", "AUTH PLAIN");
    await peer.line();
    peer.say("454 4.7.0 TLS not available\r\n");
    await peer.closed();
  });
  const facts = await failureOf(connect(starttls(server.port)));
  expect(facts).toMatchObject({ stage: "starttls", kind: "reply", reply: { code: 454 } });
  expect(server.peers[0]!.heard).not.toContain("AUTH");
});

it("STARTTLS stripped from the capabilities ends the connection instead of going on in clear", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("XXXXXXXA", "AUTH PLAIN");
    await peer.closed();
  });
  const facts = await failureOf(connect(starttls(server.port)));
  expect(facts).toMatchObject({ kind: "local", code: "STARTTLS_NOT_OFFERED" });
  expect(server.peers[0]!.heard).not.toContain("AUTH");
});
