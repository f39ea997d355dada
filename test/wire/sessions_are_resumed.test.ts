// A full TLS handshake costs both sides the better part of the work of a connection. All connections of a pool
// share what the first one learnt, also when that one was cut off.
import { expect, it } from "vitest";
import { SmtpPool } from "../../src/smtp/client.ts";
import { envelope, message, type Peer, serve } from "./server.ts";
import { serveTls } from "./tls.ts";

it.each([
  "TLSv1.2",
  "TLSv1.3",
] as const)("connections with %s are resumed but for the first, also after all were cut", async (version) => {
  const tls = await serveTls(version);
  const connections = 4;
  const { promise: allBusy, resolve: busy } = Promise.withResolvers<void>();
  const inside: Peer[] = [];
  const shaken: boolean[] = [];
  let taken = 0;
  await using server = await serve(async (peer) => {
    const secured = tls.secured(peer);
    secured.socket.once("secure", () => shaken.push(secured.socket.isSessionReused()));
    inside.push(secured);
    secured.say("220 mail.test\r\n");
    for (const answer of ["250-mail.test\r\n250 AUTH PLAIN", "235 welcome"]) {
      await secured.line();
      secured.say(`${answer}\r\n`);
    }
    await secured.envelope();
    await secured.content();
    taken += 1;
    if (taken === connections) busy();
    await allBusy;
    secured.say("250 queued\r\n");
    if (taken > connections) secured.socket.end();
  });
  const resumed: boolean[] = [];
  const pool = new SmtpPool({
    connect: tls.trusting(server.port, "tls", {
      onStep: (step) => {
        if (step.tls !== undefined) resumed.push(step.tls.resumed);
      },
    }),
    maxConnections: connections,
    pipeline: 1,
  });
  const send = async (count: number) => {
    const sent = await Promise.all(Array.from({ length: count }, () => pool.send(envelope, message)));
    for (const { recipients } of sent) expect(recipients).toMatchObject([{ ok: true }]);
  };
  await send(connections);
  for (const { socket } of server.peers) socket.destroy();
  await Promise.all(inside.map((peer) => peer.closed()));
  await send(1);
  await pool.close({ graceMs: 1 });
  const expected = [false, true, true, true, true];
  expect(resumed).toEqual(expected);
  expect(shaken).toEqual(expected);
});
