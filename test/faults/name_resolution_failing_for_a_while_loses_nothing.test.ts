import { expect, test } from "vitest";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { Trial } from "./trial.ts";

test.each([
  "EAI_AGAIN",
  "ENOTFOUND",
] as const)("mail for a host whose name does not resolve for a while (%s) waits, and leaves once when it does", async (code) => {
  const trial = new Trial();
  const peer = await startPeer(trial);
  const app = await startApp(trial, {
    accounts: [{ name: "main", host: "localhost", port: peer.port, security: "none" }],
    preload: ["failing-resolver.ts"],
    tell: ["deferred", "failed", "bounced", "parked", "account-parked"],
  });
  await app.steer({ resolverFails: code });
  const { ids } = await app.send({
    name: "mail",
    count: 100,
    lanes: ["urgent"],
    lifetimeMs: 86_400_000,
  });
  await trial.until("its failure was met", () => app.events.some(({ type }) => type === "deferred"));
  expect(peer.counts.connections).toBe(0);
  await app.steer({ resolverFails: null });
  await trial.untilComplete();
  await app.idle();
  expect(ids).toHaveLength(100);
  expect(trial.ledger.doubles).toBe(0);
  expect(app.events.filter(({ type }) => type !== "deferred")).toEqual([]);
});
