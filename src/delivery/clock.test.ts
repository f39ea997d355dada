import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { SystemClock } from "./clock.ts";

const day = 86_400_000;

afterEach(() => void vi.restoreAllMocks());

/** A clock, and the wall's time in our hands. */
function setUp() {
  let ahead = 0;
  const real = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => real() + ahead);
  const clock = new SystemClock();
  const jumps: number[] = [];
  onTestFinished(clock.onJump((by) => jumps.push(Math.round(by / 1000) * 1000)));
  const set = async (by: number) => {
    ahead = by;
    clock.now();
    await Promise.resolve();
  };
  return { set, jumps };
}

test("who asks for the time after somebody set it learns of it, ahead and back, however soon one follows the other", async () => {
  const { set, jumps } = setUp();
  await set(day);
  await set(0);
  expect(jumps).toEqual([day, -day]);
});

test("what clocks are corrected by is no jump", async () => {
  const { set, jumps } = setUp();
  for (const by of [200, 900, 1_500]) await set(by);
  expect(jumps).toEqual([]);
});
