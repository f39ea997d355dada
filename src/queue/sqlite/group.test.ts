// Which commits wait for the disk, and what one call's failure does to the others of its group.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { message, minute, now } from "../conformance/harness.ts";
import type { Claimed } from "../store.ts";
import { openDatabase } from "./database.ts";
import { createGroups } from "./group.ts";
import type { Call } from "./protocol.ts";
import { createEngine } from "./statements.ts";

type Asked = Pick<Call, "name" | "args">;

function setUp() {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  const { db, close } = openDatabase({ directory, maxPages: null, takeOver: false });
  onTestFinished(() => {
    close();
    rmSync(directory, { recursive: true });
  });
  const groups = createGroups(createEngine(db), directory);
  const run = (...asked: Asked[]) => groups.run(asked.map((one, number) => ({ number, ...one })));
  /** 1 is NORMAL: a commit does not wait for the disk; 2 is FULL: it does. */
  const synchronous = () => db.prepare("PRAGMA synchronous").get()!.synchronous;
  return { db, run, synchronous };
}

let accepted = 0;
const accept = (): Asked => ({ name: "accept", args: [[message(++accepted)]] });
const claim: Asked = {
  name: "claim",
  args: [{ now, limit: 1, maxBytes: 1e6, leaseMs: minute, owner: "one" }],
};
const extend: Asked = { name: "extend", args: [[], now] };
const get: Asked = { name: "get", args: ["nobody"] };
const durable: readonly Asked[] = [
  { name: "record", args: [[]] },
  { name: "retry", args: ["nobody", now] },
  { name: "confirm", args: ["nobody", now] },
  { name: "takeTokens", args: [{ account: "a", now, limits: {}, urgentShare: 0, urgent: false, wanted: 1 }] },
  { name: "putDocument", args: ["kind", "name", "{}"] },
  { name: "deleteSuppression", args: ["a@example.net"] },
];

test("a claim's or an extension's commit waits for no disk, alone or with reads beside it", () => {
  const { run, synchronous } = setUp();
  run(accept());
  expect(synchronous()).toBe(2);
  for (const group of [[claim], [extend], [claim, get], [get, extend, claim]]) {
    run(accept());
    expect(synchronous()).toBe(2);
    run(...group);
    expect(synchronous()).toBe(1);
  }
});

test("a group with anything in it that must be kept waits for the disk", () => {
  const { run, synchronous } = setUp();
  for (const one of [accept(), ...durable]) {
    run(claim);
    expect(synchronous()).toBe(1);
    run(claim, get, one, extend);
    expect(synchronous(), one.name).toBe(2);
  }
});

test("reads alone take no write transaction: another program may be writing", () => {
  const { db, run } = setUp();
  run(accept());
  const other = new DatabaseSync(db.location()!);
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  expect(run(get)).toEqual([{ number: 0, value: null }]);
  other.exec("ROLLBACK");
});

test("a call that fails undoes itself alone, and answers come in the order of the calls", () => {
  const { db, run } = setUp();
  const again = {
    name: "accept",
    args: [[message(900_000), message(1_000_000 - 1), message(900_000)]],
  } as const;
  const answers = run(accept(), again, accept(), { name: "compact", args: [] }, claim, claim, claim);
  expect(answers.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(answers.map((answer) => "failure" in answer)).toEqual([
    false,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  const claims = answers
    .slice(4)
    .map((answer) => ("value" in answer ? (answer.value as Claimed).claims.length : -1));
  expect(claims).toEqual([1, 1, 0]);
  expect(db.prepare("SELECT count(*) AS n FROM messages").get()).toEqual({ n: 2 });
});
