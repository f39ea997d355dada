// A reply that comes after its time must not answer the next command: a refused message would count as sent. The
// connection ends with the time, and what comes late comes to nobody.
import { expect, it } from "vitest";
import { SmtpPool } from "../../src/smtp/client.ts";
import type { SendResult } from "../../src/smtp/result.ts";
import { envelope, message, type Peer, serve, settings } from "./server.ts";

const timeouts = { command: 150, data: 150, final: 150 };

const lateFor: readonly [string, string, string, (peer: Peer) => Promise<unknown>][] = [
  ["MAIL", "mail", "not-accepted", (peer) => peer.line()],
  [
    "RCPT",
    "rcpt",
    "not-accepted",
    async (peer) => {
      await peer.line();
      peer.say("250 sender\r\n");
      await peer.line();
    },
  ],
  [
    "DATA",
    "data",
    "not-accepted",
    async (peer) => {
      for (const answer of ["250 sender", "250 recipient"]) {
        await peer.line();
        peer.say(`${answer}\r\n`);
      }
      await peer.line();
    },
  ],
  [
    "the final dot",
    "content",
    "unknown",
    async (peer) => {
      await peer.envelope();
      await peer.content();
    },
  ],
];

it.each(
  lateFor.flatMap((row) => [[...row, []] as const, [...row, ["PIPELINING"]] as const]),
)("a yes to %s after its time is nobody's, and the next message gets its own no", async (_, stage, certainty, play, capabilities) => {
  await using server = await serve(async (peer) => {
    await peer.ready(...capabilities);
    if (server.peers.length === 1) {
      await play(peer);
      return;
    }
    await peer.line();
    peer.say("550 5.7.1 not you\r\n");
    if (capabilities.length === 0) return;
    await peer.until("DATA\r\n");
    peer.say("503 no\r\n503 no\r\n");
  });
  const pool = new SmtpPool({
    connect: settings(server.port, {
      timeouts,
      // The earliest moment that is too late.
      onStep: ({ failure }) => {
        if (failure?.facts.kind === "timeout")
          server.peers[0]!.say("250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n");
      },
    }),
    maxConnections: 1,
    pipeline: 1,
  });
  const facts = ({ recipients: [first] }: SendResult) => (first?.ok === false ? first.failure.facts : null);
  const [late, next] = (await Promise.all([pool.send(envelope, message), pool.send(envelope, message)])).map(
    facts,
  );
  await pool.close();
  expect(late).toMatchObject({ stage, kind: "timeout", code: "TIMEOUT", certainty });
  expect(next).toMatchObject({ stage: "mail", kind: "reply", reply: { code: 550 } });
  expect(server.peers).toHaveLength(2);
});
