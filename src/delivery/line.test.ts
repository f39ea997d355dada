import { describe, expect, test } from "vitest";
import { completeAccount } from "../accounts/settings.ts";
import { memoryDocuments } from "../accounts/testing.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { Budgets } from "../queue/store.ts";
import type { SendResult } from "../smtp/client.ts";
import { Conditions } from "./conditions.ts";
import type { Line } from "./line.ts";
import { Lines } from "./lines.ts";
import type { Pool, PoolLimits } from "./pools.ts";
import { restMs } from "./rest.ts";
import { ManualClock } from "./testing.ts";

const verdict = (more: Partial<Verdict>): Verdict => ({
  stage: "connect",
  scope: "endpoint",
  certainty: "not-accepted",
  retry: "transient",
  cause: "unknown.failure",
  reply: null,
  code: "ECONNREFUSED",
  message: "refused",
  waitMs: null,
  ...more,
});
const down = verdict({});
const limited = verdict({ scope: "account", retry: "pause-account", cause: "envelope.rate-limited" });
const quota = verdict({ scope: "account", retry: "pause-account", cause: "envelope.daily-quota" });
const seconds = 1_000;
const minutes = 60_000;

describe("a rest", () => {
  test("of an endpoint begins with the second failure in a row and doubles to a minute", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((failures) => restMs(down, failures) / seconds)).toEqual([
      0, 1, 2, 4, 8, 16, 32, 60, 60, 60,
    ]);
  });

  test("of a limited account is what the server asks for, or a minute and then longer to an hour", () => {
    expect([1, 2, 3, 4, 5].map((failures) => restMs(limited, failures) / minutes)).toEqual([
      1, 4, 16, 60, 60,
    ]);
    expect(restMs({ ...limited, waitMs: 10 * minutes }, 1)).toBe(10 * minutes);
    expect(restMs({ ...limited, cause: "auth.too-many-logins" }, 1)).toBe(15 * minutes);
  });
});

const pool: Pool = {
  connections: 0,
  taken: 0,
  resize: () => undefined,
  send: () => Promise.resolve({} as SendResult),
  close: () => Promise.resolve(),
};
/** No account here has a limit by the minute, hour or day. */
const budgets = {} as Budgets;

function setUp() {
  const opened: PoolLimits[] = [];
  let opens = 0;
  const lines = new Lines({
    openPool: (_, __, limits) => {
      opened.push(limits);
      return pool;
    },
    budgets,
    shares: null,
    conditions: new Conditions({
      documents: memoryDocuments(),
      owner: "test",
      now: () => 0,
      onChange: () => undefined,
    }),
    owner: "test",
    clock: new ManualClock(0),
    onBudget: () => undefined,
    onOpen: () => {
      opens += 1;
    },
  });
  const line = (more: Partial<Parameters<typeof completeAccount>[0]> = {}): Line =>
    lines.of(
      completeAccount(
        { name: "a", host: "127.0.0.1", port: 1025, security: "none", ...more },
        { kind: "none" },
        null,
        0,
      ),
    );
  return { lines, line, opened, opens: () => opens };
}

const turns = async () => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
};

test("an account's connections are its limit's, one of them kept for urgent mail where there are two", async () => {
  const { line, opened } = setUp();
  const envelope = { from: "", to: [] };
  await line({ name: "one", limits: { connections: 1 } }).ways[0]!.send(envelope, new Uint8Array(), {});
  await line({ name: "usual" }).ways[0]!.send(envelope, new Uint8Array(), {});
  expect(opened).toMatchObject([
    { connections: 1, reserved: 0, depth: 1 },
    { connections: 5, reserved: 1, depth: 2 },
  ]);
});

describe("a line", () => {
  test("sends one message ahead, and lets the others follow when it has passed", async () => {
    const { line } = setUp();
    const one = line();
    let inside = 0;
    for (let i = 0; i < 5; i += 1)
      void one.gate.enter({ lane: "urgent", origin: "", cost: 1 }).then(() => (inside += 1));
    await turns();
    expect(inside).toBe(1);
    one.passed(one.ways[0]!, 0);
    await turns();
    expect(inside).toBe(5);
    one.wayFailed(one.ways[0]!, down, null, 0, 1);
    void one.gate.enter({ lane: "urgent", origin: "", cost: 1 }).then(() => (inside += 1));
    one.gate.leave("urgent");
    await turns();
    expect(inside).toBe(5);
  });

  test("is closed while its only endpoint is down, and tells when it opens", () => {
    const { line, opens } = setUp();
    const one = line();
    const [way] = one.ways;
    one.wayFailed(way!, down, null, 0, 10);
    expect(one.closed("normal", 10)).toBeNull();
    expect(one.wayFailed(way!, down, null, 20, 30)).toEqual({ down: true, freshAddress: false });
    expect(one.closed("urgent", 30)).toEqual({ kind: "down", until: 1_030, verdict: down });
    expect(one.closed("normal", 1_030)).toBeNull();
    one.passed(way!, 1_030);
    expect(opens()).toBe(1);
  });

  test("with another endpoint goes on by that one, and comes back by a single message", () => {
    const { line } = setUp();
    const one = line({ alternates: [{ host: "127.0.0.1", port: 1026, security: "none" }] });
    const [first, second] = one.ways;
    one.passed(first!, 0);
    one.wayFailed(first!, down, null, 0, 10);
    one.wayFailed(first!, down, null, 20, 30);
    expect(one.closed("normal", 40)).toBeNull();
    expect(one.way(40, new Set())).toBe(second);
    one.passed(second!, 40);
    expect(one.way(2_000, new Set())).toBe(first);
    const end = first!.breaker.begin();
    expect(one.way(2_000, new Set())).toBe(second);
    end();
    expect(one.way(2_000, new Set([first!]), (way) => way === second)).toBeNull();
  });

  test("accounts at one endpoint find out together that it is down", () => {
    const { line } = setUp();
    const [one, other, elsewhere] = [line(), line({ name: "b" }), line({ name: "c", port: 1026 })];
    one.wayFailed(one.ways[0]!, down, null, 0, 10);
    one.wayFailed(one.ways[0]!, down, null, 20, 30);
    expect(other.closed("normal", 30)?.kind).toBe("down");
    expect(elsewhere.closed("normal", 30)).toBeNull();
    other.passed(other.ways[0]!, 30);
    expect(one.closed("normal", 30)).toBeNull();
  });

  test("rests when its limit is met; urgent mail may try where only the rate was too high", () => {
    const { line } = setUp();
    const one = line();
    expect(one.failed(limited, 0, 10)).toBe(true);
    expect(one.closed("normal", 10)?.until).toBe(minutes + 10);
    expect(one.closed("urgent", 10)).toBeNull();
    expect(one.failed(limited, 20, 30)).toBe(false);
    expect(one.closed("normal", 30)?.until).toBe(minutes + 10);
    const other = line({ name: "b" });
    other.failed(quota, 0, 10);
    expect(other.closed("urgent", 10)?.kind).toBe("resting");
    other.forgive();
    expect(other.closed("urgent", 10)).toBeNull();
  });

  test("a message that was under way before a limit was met does not end the rest", () => {
    const { line } = setUp();
    const one = line();
    const [way] = one.ways;
    one.passed(way!, 0);
    one.failed(limited, 5, 10);
    one.passed(way!, 8);
    expect(one.closed("normal", 20)?.kind).toBe("resting");
    one.passed(way!, 10);
    expect(one.closed("normal", 20)).toBeNull();
  });

  test("a message that was under way before its endpoint went down does not say that it is back", () => {
    const { line } = setUp();
    const one = line();
    const [way] = one.ways;
    one.wayFailed(way!, down, null, 0, 10);
    one.wayFailed(way!, down, null, 20, 30);
    expect(one.passed(way!, 15)).toBe(false);
    expect(one.closed("normal", 40)?.kind).toBe("down");
    expect(one.passed(way!, 1_030)).toBe(true);
  });

  test("an endpoint that was down and has something against the account is back", () => {
    const { line, opens } = setUp();
    const [one, other] = [line(), line({ name: "b" })];
    one.wayFailed(one.ways[0]!, down, null, 0, 10);
    one.wayFailed(one.ways[0]!, down, null, 20, 30);
    expect(one.answered(one.ways[0]!, 25)).toBe(false);
    expect(other.closed("normal", 40)?.kind).toBe("down");
    expect(one.answered(one.ways[0]!, 1_030)).toBe(true);
    expect(other.closed("normal", 40)).toBeNull();
    expect(opens()).toBe(1);
  });

  test("sends away who waits when it rests or its endpoint goes down", async () => {
    const { line } = setUp();
    const one = line();
    const told: unknown[] = [];
    const enter = (lane: "urgent" | "bulk") =>
      void one.gate.enter({ lane, origin: "", cost: 1 }).then((admission) => told.push([lane, admission]));
    enter("bulk");
    await turns();
    enter("bulk");
    enter("urgent");
    one.failed(limited, 0, 10);
    await turns();
    expect(told.slice(1)).toEqual([["bulk", "away"]]);
    one.wayFailed(one.ways[0]!, down, null, 10, 20);
    one.wayFailed(one.ways[0]!, down, null, 30, 40);
    await turns();
    expect(told.slice(2)).toEqual([["urgent", "away"]]);
  });

  test("has no more in hand than goes in some seconds where its rate is known", () => {
    const { line } = setUp();
    const one = line({ limits: { perSecond: 2 } });
    one.passed(one.ways[0]!, 0);
    let inHand = 0;
    for (; !one.full; inHand += 1) one.hold();
    expect(inHand).toBe(14);
    one.failed(limited, 5, 10);
    for (; inHand > 5; inHand -= 1) expect(one.full).toBe(true);
  });

  test("has few messages in hand while nothing has passed, and no more than it can use after that", () => {
    const { line } = setUp();
    const one = line();
    const gone = Array.from({ length: 4 }, () => one.hold());
    expect(one.full).toBe(true);
    one.passed(one.ways[0]!, 0);
    expect(one.full).toBe(false);
    while (!one.full) gone.push(one.hold());
    expect(one.inHand).toBeGreaterThan(8);
    expect(one.hasRoom).toBe(false);
    for (const letGo of gone) letGo();
    expect(one.hasRoom).toBe(true);
  });
});
