import { describe, expect, test } from "vitest";
import { type AttemptRecord, StoreError } from "../queue/store.ts";
import { Recorder } from "./recorder.ts";
import { ManualClock } from "./testing.ts";

const attempt = (messageId: string): AttemptRecord => ({
  messageId,
  lease: "l",
  startedAt: 0,
  endedAt: 1,
  account: null,
  peer: null,
  outcomes: [],
  transcript: [],
  counts: true,
});

/** A store whose writes end when the test says so. */
function setUp() {
  const clock = new ManualClock();
  const commits: string[][] = [];
  const pending: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const told: string[] = [];
  let called: () => void = () => undefined;
  const recorder = new Recorder({
    clock,
    store: {
      record: (records) =>
        new Promise((resolve, reject) => {
          const ids = records.map(({ messageId }) => messageId);
          commits.push(ids);
          pending.push({
            resolve: () =>
              resolve(ids.map((messageId) => ({ messageId, applied: !messageId.startsWith("lost") }))),
            reject,
          });
          called();
        }),
    },
    onTrouble: (error) => told.push(`trouble: ${(error as Error).message}`),
    onRecovered: () => told.push("recovered"),
  });
  const nextWrite = () => new Promise<void>((resolve) => (called = resolve));
  return { clock, commits, pending, told, recorder, nextWrite };
}

describe("the recorder", () => {
  test("writes together what is ready together, and next what came meanwhile", async () => {
    const { recorder, commits, pending, nextWrite } = setUp();
    let write = nextWrite();
    const first = [recorder.record(attempt("a")), recorder.record(attempt("b"))];
    await write;
    const second = [recorder.record(attempt("c")), recorder.record(attempt("lost"))];
    write = nextWrite();
    pending[0]!.resolve();
    expect(await Promise.all(first)).toEqual([true, true]);
    await write;
    pending[1]!.resolve();
    expect(await Promise.all(second)).toEqual([true, false]);
    expect(commits).toEqual([
      ["a", "b"],
      ["c", "lost"],
    ]);
  });

  test("keeps what could not be written, in order, tries again later each time, and says so once", async () => {
    const { recorder, clock, commits, pending, told, nextWrite } = setUp();
    const full = new StoreError("disk-full", "the disk is full");
    let write = nextWrite();
    const first = recorder.record(attempt("a"));
    await write;
    const pauses: number[] = [];
    for (const [at, name] of ["b", "c", "d"].entries()) {
      pending[at]!.reject(full);
      await new Promise(setImmediate);
      void recorder.record(attempt(name));
      pauses.push(clock.next!);
      write = nextWrite();
      clock.advance(clock.next!);
      await write;
    }
    pending[3]!.resolve();
    expect(await first).toBe(true);
    expect(commits.at(-1)).toEqual(["a", "b", "c", "d"]);
    expect(pauses).toEqual([250, 500, 1_000]);
    expect(told).toEqual(["trouble: the disk is full", "recovered"]);
  });

  test("given up, tells those who wait that nothing was written", async () => {
    const { recorder, clock, pending, nextWrite } = setUp();
    const write = nextWrite();
    const record = recorder.record(attempt("a"));
    await write;
    pending[0]!.reject(new StoreError("io", "gone"));
    await new Promise(setImmediate);
    recorder.abandon();
    expect(await record).toBe(false);
    expect(clock.next).toBeNull();
  });

  test("given up in the midst of a write, does not try again when that fails", async () => {
    const { recorder, clock, pending, commits, nextWrite } = setUp();
    const write = nextWrite();
    const record = recorder.record(attempt("a"));
    await write;
    recorder.abandon();
    pending[0]!.reject(new StoreError("closed", "gone"));
    expect(await record).toBe(false);
    expect(clock.next).toBeNull();
    expect(commits).toEqual([["a"]]);
  });
});
