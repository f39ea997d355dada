import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { Trial } from "./trial.ts";

const day = 86_400_000;

test("a clock that jumps a day ahead and back, in the middle of a run, loses nothing, doubles nothing, and puts nothing off by a day", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  /** Those who were told to come again, once each. */
  const deferred = new Set<string>();
  const peer = await startPeer(trial, {
    rules: {
      rcpt: (_, __, recipient) => {
        if (!recipient.startsWith("again") || deferred.has(recipient)) return null;
        deferred.add(recipient);
        return answer(451, "4.3.0 Try again later");
      },
      // So that dialogues are under way at each jump.
      content: () => ({ do: "late", ms: 10, answer: { code: 250, lines: ["2.0.0 Taken"] } }),
    },
  });
  const app = await startApp(trial, {
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }],
    preload: ["moving-clock.ts"],
    tell: ["deferred", "failed", "bounced", "parked", "expired", "unknown", "suppressed"],
  });
  const lifetimeMs = 10 * day;
  for (const [nth, clockMs] of [day, 0, -day, 0].entries()) {
    const again = 30 * (nth + 1);
    await Promise.all([
      app.send({ name: `again${nth}`, count: 30, lanes: ["urgent"], lifetimeMs }),
      app.send({ name: `mail${nth}`, count: 400, lanes: ["bulk", "normal", "urgent"], lifetimeMs }),
    ]);
    const mark = peer.taken.length;
    await trial.until("mail flows and some is put off", () => {
      return peer.taken.length > mark + 20 && app.events.length >= again;
    });
    await app.steer({ clockMs });
  }
  // The last jump but one put the clock back by a day, the last one ahead again.
  await trial.untilComplete();
  await app.idle();
  expect(deferred.size).toBe(120);
  expect(ledger.doubles).toBe(0);
  expect(ledger.promised).toBe(4 * 430);
  expect(new Set(app.events.map(({ type }) => type))).toEqual(new Set(["deferred"]));
});

test("mail that was put off goes on in its own time after the clock was set back by a day", async () => {
  const trial = new Trial();
  let refuse = true;
  const peer = await startPeer(trial, {
    rules: { rcpt: () => (refuse ? answer(451, "4.3.0 Try again later") : null) },
  });
  const app = await startApp(trial, {
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }],
    preload: ["moving-clock.ts"],
    tell: ["deferred", "expired"],
  });
  await app.send({ name: "mail", count: 20, lanes: ["urgent"], lifetimeMs: 10 * day });
  await trial.until("all are put off", () => app.events.length >= 20);
  refuse = false;
  await app.steer({ clockMs: -day });
  // Were it put off until the day is over again, waiting for it would be in vain.
  await trial.untilComplete();
  expect(trial.ledger.doubles).toBe(0);
});

test("what a process leased and put off before the clock was set back is taken up by the next process", async () => {
  const trial = new Trial();
  let refuse = true;
  const peer = await startPeer(trial, {
    rules: { rcpt: () => (refuse ? answer(451, "4.3.0 Try again later") : null) },
  });
  const setting = {
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }],
    preload: ["moving-clock.ts"],
    tell: ["deferred"],
  } as const;
  const ahead = await startApp(trial, setting);
  await ahead.steer({ clockMs: day });
  await ahead.send({ name: "mail", count: 20, lanes: ["urgent"], lifetimeMs: 10 * day });
  await trial.until("all are put off", () => ahead.events.length >= 20);
  await ahead.kill();
  refuse = false;
  await startApp(trial, setting);
  await trial.untilComplete();
  expect(trial.ledger.doubles).toBe(0);
});
