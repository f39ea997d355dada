// A server that answers every turn of the sign-in with another challenge would keep us talking for ever,
// or lead us to say the secret more than once.
import { expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import type { Mechanism } from "../../src/smtp/options.ts";
import { failureOf, serve, settings } from "./server.ts";

const secret = { username: "me", password: "geheim" };
const token = { username: "me", accessToken: "geheim" };

it.each<[Mechanism, typeof secret | typeof token]>([
  ["PLAIN", secret],
  ["LOGIN", secret],
  ["CRAM-MD5", secret],
  ["SCRAM-SHA-256", secret],
  ["XOAUTH2", token],
  ["OAUTHBEARER", token],
])("%s ends when the challenges do not", async (mechanism, credentials) => {
  let turns = 0;
  await using server = await serve(async (peer) => {
    await peer.ready(`AUTH ${mechanism}`);
    for (; turns < 50 && !peer.socket.destroyed; turns++) {
      await peer.line();
      peer.say("334 VXNlcm5hbWU6\r\n");
    }
  });
  const facts = await failureOf(connect(settings(server.port, { credentials })));
  expect(facts).toMatchObject({ stage: "auth", kind: "protocol", mechanism });
  expect(turns).toBeLessThan(10);
});

it("a challenge that is not base64 ends the sign-in", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("AUTH LOGIN");
    await peer.line();
    peer.say("334 please your user name?\r\n");
    await peer.closed();
  });
  const facts = await failureOf(connect(settings(server.port, { credentials: secret })));
  expect(facts).toMatchObject({ stage: "auth", kind: "protocol" });
  expect(server.peers[0]!.heard).not.toContain(Buffer.from("geheim").toString("base64"));
});
