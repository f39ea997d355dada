import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Duties } from "./duties.ts";
import { openSqliteStore } from "./sqlite/open.ts";

const forMs = 9_000;

/** Processes at one storage, each with timers of its own that a test fires. */
async function setUp() {
  const directory = mkdtempSync(join(tmpdir(), "postrider-duties-"));
  const store = await openSqliteStore({ directory });
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });
  const time = { now: 1_000_000 };
  let documents = store.documents;
  const process = (owner: string) => {
    const timers = new Set<() => void>();
    const duties = new Duties({
      documents: { ...store.documents, replace: (...given) => documents.replace(...given) },
      owner,
      now: () => time.now,
      after: (ms, call) => {
        expect(ms).toBeLessThan(forMs / 2);
        timers.add(call);
        return () => timers.delete(call);
      },
    });
    /** Lets it renew what it does, and waits until that is stored. */
    const renew = async () => {
      const [call] = [...timers];
      timers.clear();
      call!();
      while (timers.size === 0) await store.documents.get("duty", "tidy");
    };
    return { duties, timers, renew };
  };
  const breakStorage = (broken: boolean) => {
    documents = broken
      ? { ...store.documents, replace: () => Promise.reject(new Error("unreachable")) }
      : store.documents;
  };
  return { time, process, breakStorage };
}

/** Work that begins, and ends when it is told to. */
function longWork() {
  let end: () => void = () => undefined;
  let begun: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (begun = resolve));
  let signal: AbortSignal | null = null;
  const work = (given: AbortSignal) => {
    signal = given;
    begun();
    return new Promise<string>((resolve) => (end = () => resolve("done")));
  };
  return { work, started, end: () => end(), signal: () => signal! };
}

const done = async () => "done";

test("one process at a time does it, and the next when the first has ended", async () => {
  const { process } = await setUp();
  const [one, other] = [process("one"), process("other")];
  const long = longWork();
  const doing = one.duties.do("tidy", long.work, { forMs });
  await long.started;
  expect(await other.duties.do("tidy", done, { forMs })).toBeNull();
  expect(await one.duties.do("tidy", done, { forMs })).toBeNull();
  expect(await other.duties.do("another", done, { forMs })).toBe("done");
  long.end();
  expect(await doing).toBe("done");
  expect(await other.duties.do("tidy", done, { forMs })).toBe("done");
});

test("of many who begin at once, one does it", async () => {
  const { process } = await setUp();
  const long = longWork();
  const all = Array.from({ length: 8 }, (_, n) =>
    process(`node ${n}`).duties.do("tidy", long.work, { forMs }),
  );
  await long.started;
  const others = await Promise.race([Promise.any(all), Promise.all(all)]);
  expect(others).toBeNull();
  long.end();
  expect((await Promise.all(all)).filter((result) => result !== null)).toEqual(["done"]);
});

test("stays its own while it is renewed, and becomes another's when its process has died", async () => {
  const { time, process } = await setUp();
  const [one, other] = [process("one"), process("other")];
  const long = longWork();
  const doing = one.duties.do("tidy", long.work, { forMs });
  await long.started;
  for (let round = 0; round < 4; round++) {
    time.now += forMs * 0.9;
    await one.renew();
    expect(await other.duties.do("tidy", done, { forMs })).toBeNull();
  }
  time.now += forMs - 1;
  expect(await other.duties.do("tidy", done, { forMs })).toBeNull();
  time.now += 1;
  const taken = longWork();
  const takenOver = other.duties.do("tidy", taken.work, { forMs });
  await taken.started;
  // It was not dead after all: it hears that the duty is another's, and takes nothing away from that one.
  const aborted = new Promise((resolve) => long.signal().addEventListener("abort", resolve));
  [...one.timers][0]!();
  await aborted;
  long.end();
  expect(await doing).toBe("done");
  expect(await one.duties.do("tidy", done, { forMs })).toBeNull();
  taken.end();
  expect(await takenOver).toBe("done");
});

test("is kept while storage cannot be reached, until its time is over", async () => {
  const { time, process, breakStorage } = await setUp();
  const one = process("one");
  const long = longWork();
  const doing = one.duties.do("tidy", long.work, { forMs });
  await long.started;
  breakStorage(true);
  time.now += forMs - 1;
  await one.renew();
  expect(long.signal().aborted).toBe(false);
  breakStorage(false);
  await one.renew();
  breakStorage(true);
  time.now += forMs;
  const aborted = new Promise((resolve) => long.signal().addEventListener("abort", resolve));
  [...one.timers][0]!();
  await aborted;
  long.end();
  expect(await doing).toBe("done");
});

test("is let go when the work fails, which is told", async () => {
  const { process } = await setUp();
  const failing = () => Promise.reject(new Error("the disk is gone"));
  await expect(process("one").duties.do("tidy", failing, { forMs })).rejects.toThrow("the disk is gone");
  expect(await process("other").duties.do("tidy", done, { forMs })).toBe("done");
});
