// RFC 3207 §4.2 has the client forget whatever it learnt before TLS. An attacker in the middle appends
// replies to the 220 that answers STARTTLS, in clear: a client that keeps its buffer reads them as if they
// had come inside TLS, and can be told anything ("250-AUTH PLAIN", a faked "235", the next "250").
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { failureOf, serve, settings } from "./server.ts";

const starttls = (port: number) => ({
  ...settings(port, { credentials: { username: "me", password: "geheim" } }),
  endpoint: { host: "127.0.0.1", port, security: "starttls" as const },
});

it.each([
  ["a whole reply", "250-mail.test\r\n250 AUTH PLAIN\r\n"],
  ["half a reply", "250-mail.te"],
  ["a single byte", "\n"],
])("%s behind the 220 to STARTTLS ends the connection", async (_, injected) => {
  await using server = await serve(async (peer) => {
    await peer.ready("STARTTLS");
    await peer.line();
    peer.say(`220 go ahead\r\n${injected}`);
    await peer.closed();
  });
  const facts = await failureOf(connect(starttls(server.port)));
  expect(facts).toMatchObject({ kind: "protocol", code: "DATA_BEFORE_TLS", secured: false });
  expect(server.peers[0]!.heard).toBe("EHLO client.test\r\nSTARTTLS\r\n");
});
