// TCP ends, and TLS never said that it would (RFC 8446 §6.1): what is missing may have been cut off by anybody.
import { expect, test } from "vitest";
import { issue, makeAuthority } from "../../src/sandbox/certificates.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { type Fate, startProxy } from "./proxy.ts";
import { figure } from "./soak.ts";
import { Trial } from "./trial.ts";

/** After how many of the client's bytes: in the handshake, in the sign-on, in the first contents and in later ones. */
const cuts = [40, 9_000, 700, 30_000, 2_500, 16_000, 1_500, 55_000, 4_096, 12_345, 21_000, 33_333];

test.each<Fate>([
  "close",
  "reset",
])("TLS connections that end (%s) without close_notify lose nothing, and double no more than one message each", async (fate) => {
  const trial = new Trial();
  const authority = await makeAuthority();
  const certificate = await issue(authority, { names: ["127.0.0.1"] });
  const peer = await startPeer(trial, { tls: certificate });
  const proxy = await startProxy(
    peer.port,
    cuts.map((count) => ({ point: { side: "bytes", count }, fate })),
  );
  const app = await startApp(trial, {
    accounts: [
      { name: "main", host: "127.0.0.1", port: proxy.port, security: "tls", ca: [authority.certPem] },
    ],
    tell: ["failed", "bounced", "parked", "expired"],
  });
  await app.send({ name: "mail", count: 400, lanes: ["urgent"], recipients: [1, 2], bodies: 8 });
  await trial.untilComplete();
  await app.idle();
  figure(
    `TLS closed without notify (${fate})`,
    `${cuts.length} connections cut under ${trial.ledger.messages} messages: ${trial.ledger.missing.length} lost, ${trial.ledger.doubles} doubled`,
  );
  expect(proxy.broken).toBe(cuts.length);
  // Two may be on a connection at a time, but only one whose content has left.
  expect(trial.ledger.doubles).toBeLessThanOrEqual(cuts.length);
  expect(app.events).toEqual([]);
});
