import { expect, test } from "vitest";
import { ManualClock } from "./delivery/testing.ts";
import { Following } from "./following.ts";
import { StoreError, type Watcher } from "./queue/store.ts";

type Changed = readonly { readonly kind: string; readonly name: string }[] | null;

/** Storage that tells what it is told to, and readings that end when they are let. */
function world() {
  const clock = new ManualClock();
  const watchers = new Set<Watcher>();
  const readings: { readonly changed: Changed; readonly done: PromiseWithResolvers<void> }[] = [];
  let work = 0;
  const following = new Following({
    store: {
      watch: (watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      },
    },
    takeOver: (changed) => {
      const done = Promise.withResolvers<void>();
      readings.push({ changed, done });
      return done.promise;
    },
    onWork: () => {
      work += 1;
    },
    clock,
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    clock,
    watchers,
    following,
    changedSoFar: () => readings.map(({ changed }) => changed),
    work: () => work,
    tell: (changed: Changed) => {
      for (const { onDocuments } of watchers) onDocuments?.(changed);
    },
    async end(reading: number, error?: Error) {
      if (error === undefined) readings[reading]!.done.resolve();
      else readings[reading]!.done.reject(error);
      await settle();
    },
  };
}

const [one, other] = [
  { kind: "account", name: "one" },
  { kind: "route", name: "other" },
];

test("everything is read at the start, then what has changed, what came meanwhile in one go", async () => {
  const { following, changedSoFar, tell, end } = world();
  following.start();
  tell([one]);
  tell([other]);
  expect(changedSoFar()).toEqual([null]);
  await end(0);
  expect(changedSoFar()).toEqual([null, [one, other]]);
  await end(1);
  tell([other]);
  expect(changedSoFar()).toEqual([null, [one, other], [other]]);
});

test("what could not be read is read later, and all of it; until then nobody asks in vain", async () => {
  const { clock, following, changedSoFar, tell, end } = world();
  following.start();
  await end(0);
  tell([one]);
  await end(1, new StoreError("unreachable", "it is failing over"));
  tell([other]);
  expect(changedSoFar()).toEqual([null, [one]]);
  clock.advance(500);
  expect(changedSoFar()).toEqual([null, [one], null]);
  await end(2);
  tell([other]);
  expect(changedSoFar()).toEqual([null, [one], null, [other]]);
});

test("a flood of changes is read as a whole", async () => {
  const { following, changedSoFar, tell, end } = world();
  following.start();
  for (let n = 0; n < 150; n++) tell([{ kind: "account", name: `a${n}` }]);
  await end(0);
  expect(changedSoFar()).toEqual([null, null]);
});

test("news of work is passed on, and after the end nothing is", async () => {
  const { clock, watchers, following, changedSoFar, work, end } = world();
  following.start();
  for (const { onWork } of watchers) onWork?.();
  expect(work()).toBe(1);
  await end(0, new StoreError("unreachable", "it is failing over"));
  following.close();
  expect(watchers.size).toBe(0);
  clock.advance(10_000);
  expect(changedSoFar()).toEqual([null]);
});
