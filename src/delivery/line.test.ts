import { describe, expect, test } from "vitest";
import { completeAccount } from "../accounts/settings.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { SendResult } from "../smtp/client.ts";
import { Line, type Pool } from "./line.ts";
import { Lines } from "./lines.ts";
import { restMs } from "./rest.ts";

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

const pool: Pool = { send: () => Promise.resolve({} as SendResult), close: () => Promise.resolve() };
const account = completeAccount(
  { name: "a", host: "127.0.0.1", port: 1025, security: "none" },
  { kind: "none" },
  null,
  0,
);

test("an account has as many connections as its provider allows, and never thousands", () => {
  const opened = [2, 10_000, undefined].map((concurrentConnections) => {
    let connections = 0;
    const lines = new Lines(
      (_, limits) => {
        connections = limits.connections;
        return pool;
      },
      () => ({ concurrentConnections }),
    );
    lines.of(account);
    return connections;
  });
  expect(opened).toEqual([2, 50, 5]);
});

describe("a line", () => {
  const open = () => new Line({ account, pool, size: 3, recipientsPerMessage: 100 });

  test("sends one message ahead, and lets the others follow when it has passed", async () => {
    const line = open();
    let inside = 0;
    for (let i = 0; i < 5; i += 1) void line.gate.enter("urgent").then(() => (inside += 1));
    const turns = async () => {
      for (let i = 0; i < 5; i += 1) await Promise.resolve();
      return inside;
    };
    expect(await turns()).toBe(1);
    line.passed();
    expect(await turns()).toBe(3);
    line.failed(down, 0, 1);
    line.gate.leave();
    expect(await turns()).toBe(3);
  });

  test("counts dialogues that ran side by side as one failure", () => {
    const line = open();
    line.failed(down, 0, 100);
    line.failed(down, 50, 110);
    line.failed(down, 90, 120);
    expect(line.resting(120)).toBeNull();
    line.failed(down, 130, 140);
    expect(line.resting(140)).toEqual({ until: 1_140, verdict: down });
    expect(line.resting(1_140)).toBeNull();
    line.passed();
    line.failed(down, 2_000, 2_100);
    expect(line.resting(2_100)).toBeNull();
  });
});
