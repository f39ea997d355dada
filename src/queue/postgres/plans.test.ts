// What every message passes through finds its rows by an index, whatever the server knows of the tables: else the time
// that a message takes would grow with all that are kept.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { attempt, id, message, now } from "../conformance/harness.ts";
import type { QueueStore } from "../store.ts";
import { Database } from "./database.ts";
import { openPostgresStore } from "./open.ts";
import { sql } from "./sql.ts";

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

const finished = 3_000;
const waiting = 500;
const seqs = [finished + 1, finished + 2];
const ids = [id(finished + 1), id(finished + 2)];

/** The statements on the usual way of a message, and those that people and retention ask, with values of their kind. */
const asked: Partial<Record<keyof typeof sql, readonly unknown[]>> = {
  upcoming: [],
  lockDue: [[1], [0], [0], [64], now],
  lockOver: [now, 500],
  lockWork: [ids],
  lockWorkBySeq: [seqs],
  lockMessages: [ids],
  lockMessagesBySeq: [seqs],
  recipientsOf: [seqs],
  contentsOf: [seqs],
  withContent: [seqs],
  setRecipients: [
    seqs,
    [0, 0],
    [2, 2],
    [null, null],
    [0, 0],
    [now, now],
    [now, now],
    [false, false],
    [null, null],
  ],
  setWork: [seqs, [now, now], [now, now], ["a", "b"], [1, 1], [0, 0], [1, 1], [1, 1], "one"],
  deleteWork: [seqs],
  extendLeases: [ids, ["a", "b"], now],
  deleteContent: [seqs],
  deleteFinished: [[now, now], seqs],
  attemptsUnder: [ids, ["a", "b"]],
  acceptedBefore: [ids],
  idempotency: [["library"], ["key"]],
  messageById: [ids[0]],
  messagesBySeq: [seqs],
  recipientsShown: [seqs],
  contentById: [ids[0]],
  attemptsById: [ids[0]],
  seqAtOrBefore: [ids[0]],
  listNewestFirst: [0, Number.MAX_SAFE_INTEGER, 21],
  listOldestFirst: [0, Number.MAX_SAFE_INTEGER, 21],
  standingNewestFirst: [0, Number.MAX_SAFE_INTEGER, 4, 21],
  standingOldestFirst: [0, Number.MAX_SAFE_INTEGER, 4, 21],
  sentNewestFirst: [0, Number.MAX_SAFE_INTEGER, 6, 21],
  parkedMessages: [4, 0, null, 1000],
  finishedBefore: [3, now, 200],
  keepLess: [2, 3, [now, now], seqs],
  deleteTranscripts: [seqs],
  deleteAttempts: [seqs],
  deleteRecipients: [seqs],
  deleteMessages: [seqs],
  deleteIdempotency: [now, 200],
  spentBy: ["main"],
  sharesOf: ["main"],
};

/** These hold as many rows as there are accounts, keys and routes. */
const small = new Set(["streams", "spent", "shares", "suppressions"]);

let database: Database;
let store: QueueStore;

beforeAll(async () => {
  const options = await freshStoreOptions();
  store = await openPostgresStore(options);
  database = new Database(options);
  const body = new Uint8Array(2_000);
  const all = Array.from({ length: finished + waiting }, (_, n) => n + 1);
  await store.accept(
    all.map((n) => message(n, { content: body, idempotency: { key: `key ${n}`, bodyHash: "aaa" } })),
  );
  const { claims } = await store.claim({ now, limit: finished, maxBytes: 1e9, leaseMs: 1, owner: "one" });
  await store.record(claims.map((claim) => attempt(claim, [{ index: 0, event: "accept" }])));
}, 60_000);

afterAll(async () => {
  await store.close();
  await database.close();
});

describe.each([
  ["that the server has not looked at yet", false],
  ["that the server knows", true],
])("in tables %s", (_, analysed) => {
  beforeAll(async () => {
    if (!analysed) return;
    for (const table of ["messages", "recipients", "work", "content", "attempts", "finished", "idempotency"])
      await database.rows({ name: `analyze ${table}`, text: `ANALYZE ${table}` }, []);
  });

  test.each(Object.keys(asked) as (keyof typeof sql)[])("%s reads no table from end to end", async (name) => {
    const scanned = scans(await plan(name)).filter((table) => !small.has(table));
    expect(scanned).toEqual([]);
  });
});

async function plan(name: keyof typeof sql): Promise<Plan> {
  const text = `EXPLAIN (FORMAT JSON) ${sql[name].text}`;
  const [row] = await database.rows<{ "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
    { name: `explain ${name}`, text },
    asked[name]!,
  );
  return row!["QUERY PLAN"][0]!.Plan;
}

function scans(node: Plan): readonly string[] {
  const own = node["Node Type"] === "Seq Scan" ? [node["Relation Name"]!] : [];
  return [...own, ...(node.Plans ?? []).flatMap(scans)];
}
