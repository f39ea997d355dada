import { expect, test } from "vitest";
import type { Wanted } from "../delivery/message.ts";
import { densest } from "./density.ts";
import { startPeer } from "./peer.ts";
import { Simulation } from "./simulation.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const second = 1_000;
const minute = 60 * second;

const waiting = size(5_000, 50_000);
const perSecond = 20;

/** One in twenty is urgent. */
const mail = (count: number): readonly Wanted[] =>
  Array.from({ length: count }, (_, nth) =>
    nth % 20 === 7
      ? { lane: "urgent", to: [`urgent-${nth}@example.net`] }
      : { lane: nth % 3 === 0 ? "normal" : "bulk", to: [`other-${nth}@example.net`] },
  );

test("a provider that is gone for an hour is asked seldom, and gets its mail by the budget when it is back, urgent first", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const simulation = await Simulation.start(trial);
  const { clock } = simulation;
  let down = true;
  const knocks: number[] = [];
  const arrivals: number[] = [];
  const peer = await startPeer(trial, {
    rules: {
      connected: () => {
        knocks.push(clock.elapsed());
        return down ? { do: "drop" } : null;
      },
    },
    onTaken: () => arrivals.push(clock.elapsed()),
  });
  await simulation.accounts.add(
    { name: "main", host: "127.0.0.1", port: peer.port, security: "none", limits: { perSecond } },
    { kind: "none" },
  );
  await simulation.accounts.setDefault("main");

  await simulation.send(mail(waiting));
  await simulation.pass(60 * minute);
  const asked = knocks.length;
  expect(ledger.delivered).toBe(0);
  // One message goes ahead, seldom more than once a minute; that an urgent one waits changes nothing.
  expect(asked).toBeLessThanOrEqual(80);
  expect(densest(knocks, minute)).toBeLessThanOrEqual(10);

  down = false;
  const backAt = clock.elapsed();
  await simulation.pass(2 * minute);
  expect(ledger.delivered).toBeGreaterThan(0);
  await simulation.pass((waiting / perSecond) * 2 * second + 10 * minute);

  const urgent = (to: readonly string[]) => to[0]!.startsWith("urgent");
  const lastUrgent = peer.taken.findLastIndex(({ to }) => urgent(to));
  const overtaking = peer.taken.slice(0, lastUrgent).filter(({ to }) => !urgent(to)).length;
  const took = Math.round((arrivals.at(-1)! - backAt) / second);
  figure(
    "an outage of an hour",
    `${waiting} messages waiting: ${asked} connections tried in the hour; ${Math.round((arrivals[0]! - backAt) / second)} s after its end the first message, ${took} s after it the last, at most ${densest(arrivals, second)} in any second (allowed ${perSecond}); ${overtaking} others before the last of ${waiting / 20} urgent ones; ${ledger.missing.length} lost, ${ledger.doubles} doubled (simulated time)`,
  );
  expect(ledger.missing).toEqual([]);
  expect(ledger.doubles).toBe(0);
  expect(densest(arrivals, second)).toBeLessThanOrEqual(perSecond);
  // In hand when it came back, and while the urgent ones were being claimed.
  expect(overtaking).toBeLessThanOrEqual(64);
  expect(knocks.length - asked).toBeLessThanOrEqual(waiting / 50);
});
