import { expect, test } from "vitest";
import { SharedClock } from "./shared-clock.ts";
import { ManualClock } from "./testing.ts";

/** A storage whose clock is set apart from the machine's; its answers take `slow` milliseconds, or never come. */
function setUp(ahead: number) {
  const machine = new ManualClock(1_000_000);
  const storage = { ahead, slow: 0, broken: false, looks: 0 };
  const started = machine.now();
  const store = {
    time: async () => {
      storage.looks += 1;
      // Not within the timer that asked.
      await null;
      if (storage.broken) throw new Error("unreachable");
      machine.advance(storage.slow / 2);
      const time = started + machine.elapsed() + storage.ahead;
      machine.advance(storage.slow / 2);
      return time;
    },
  };
  return { machine, storage, store };
}

const turn = () => new Promise(setImmediate);

test("goes by the storage's time, whatever the machine's own is set to", async () => {
  const { machine, store } = setUp(3_600_000);
  const clock = (await SharedClock.open({ store, machine }))!;
  expect(clock.now()).toBe(4_600_000);
  machine.advance(700);
  expect(clock.now()).toBe(4_600_700);
  machine.jump(-50_000);
  await turn();
  expect(clock.now()).toBe(4_600_700);
  clock.close();
});

test("there is none where one process holds the storage", async () => {
  expect(
    await SharedClock.open({ store: { time: async () => null }, machine: new ManualClock() }),
  ).toBeNull();
});

test("looks again every half minute, and at once when the machine was set or slept; tells what is a jump", async () => {
  const { machine, storage, store } = setUp(0);
  const clock = (await SharedClock.open({ store, machine }))!;
  const jumps: number[] = [];
  clock.onJump((by) => jumps.push(by));
  storage.ahead = 40;
  machine.advance(30_000);
  await turn();
  expect(clock.now()).toBe(machine.now() + 40);
  expect(jumps).toEqual([]);
  storage.ahead = 90_000;
  machine.jump(89_000);
  await turn();
  expect(storage.looks).toBe(3);
  expect(jumps).toEqual([89_960]);
  expect(clock.now()).toBe(1_120_000);
  clock.close();
  machine.advance(60_000);
  await turn();
  expect(storage.looks).toBe(3);
});

test("takes no difference for one that is within what a look may be wrong by", async () => {
  const { machine, storage, store } = setUp(0);
  const clock = (await SharedClock.open({ store, machine }))!;
  const before = clock.now() - machine.elapsed();
  storage.slow = 200;
  storage.ahead = 80;
  machine.advance(30_000);
  await turn();
  expect(clock.now() - machine.elapsed()).toBe(before);
  // A look that took far too long says nothing.
  storage.slow = 20_000;
  storage.ahead = 5_000;
  machine.advance(30_000);
  await turn();
  expect(clock.now() - machine.elapsed()).toBe(before);
  storage.slow = 0;
  machine.advance(2_000);
  await turn();
  expect(clock.now() - machine.elapsed()).toBe(before + 5_000);
  clock.close();
});

test("goes on while the storage cannot be asked, and asks soon again", async () => {
  const { machine, storage, store } = setUp(500);
  const clock = (await SharedClock.open({ store, machine }))!;
  storage.broken = true;
  machine.advance(30_000);
  await turn();
  storage.broken = false;
  storage.ahead = 700;
  expect(clock.now()).toBe(1_030_500);
  machine.advance(2_000);
  await turn();
  expect(clock.now()).toBe(1_032_700);
  clock.close();
});
