// What every message passes through finds its rows by an index, whatever the server knows of the tables: else the time
// that a message takes would grow with all that are kept.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { attempt, message, now } from "../conformance/harness.ts";
import type { QueueStore } from "../store.ts";
import { Database } from "./database.ts";
import { openPostgresStore } from "./open.ts";
import { sql } from "./sql.ts";

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly Plan[];
}

const finished = 3_000;
const waiting = 500;

/** What counts all that waits reads all that waits; documents and notices have tests of their own. */
const wholly = new Set<keyof typeof sql>(["working"]);
/** By this one each stream is found with one probe behind the other, the first of them from the start of the index. */
const fromTheStart = new Set<keyof typeof sql>(["upcoming"]);

/** These hold as many rows as there are accounts, keys and routes. */
const small = new Set(["streams", "spent", "shares"]);

/** What has a plan at all. */
const planned = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/;
const names = (Object.keys(sql) as (keyof typeof sql)[]).filter(
  (name) => planned.test(sql[name].text) && !wholly.has(name),
);

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

  test.each(names)("%s reads no table and no index from end to end", async (name) => {
    const read = scans(await plan(name), fromTheStart.has(name));
    expect(read.filter((table) => !small.has(table))).toEqual([]);
  });
});

/** The plan for whatever values, which is the one that a connection keeps. */
function plan(name: keyof typeof sql): Promise<Plan> {
  const { text } = sql[name];
  const most = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const values = most === 0 ? "" : `(${Array.from({ length: most }, () => "NULL").join(", ")})`;
  return database.transaction(async (session) => {
    await session.run("SET LOCAL plan_cache_mode = force_generic_plan");
    await session.run(`PREPARE looked_at AS ${text}`);
    const [row] = await session.rows<{ "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
      { name: `explain ${name}`, text: `EXPLAIN (FORMAT JSON) EXECUTE looked_at${values}` },
      [],
    );
    await session.run("DEALLOCATE looked_at");
    return row!["QUERY PLAN"][0]!.Plan;
  });
}

function scans(node: Plan, mayBegin: boolean): readonly string[] {
  const { "Node Type": type, "Relation Name": table, "Index Name": index, "Index Cond": condition } = node;
  const wholeIndex = /^(Bitmap )?Index/.test(type) && condition === undefined && !mayBegin;
  const own = type === "Seq Scan" ? [table!] : wholeIndex ? [table ?? index!] : [];
  return [...own, ...(node.Plans ?? []).flatMap((each) => scans(each, mayBegin))];
}
