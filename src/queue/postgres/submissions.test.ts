// `send`, called as an application calls it: what it keeps, what it refuses, and what becomes of submissions in the store.
import type pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { connectAs } from "../../../test/postgres/roles.ts";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { message } from "../conformance/harness.ts";
import type { QueueStore, Refused, Submissions, Submitted } from "../store.ts";
import { openPostgresStore } from "./open.ts";
import { submissionsSql } from "./submissions-sql.ts";

const mail = { to: "ada@example.net", subject: "Hello", text: "Hi" };
const leaseMs = 60_000;

interface Bench {
  readonly store: QueueStore;
  readonly submissions: Submissions;
  readonly schema: string;
  readonly app: pg.Client;
  connect(): Promise<pg.Client>;
  send(mail: unknown, key?: string | null, by?: pg.Client): Promise<string>;
  /** By the database's clock. */
  now(): Promise<number>;
  next(more?: { readonly limit?: number; readonly maxBytes?: number }): Promise<readonly Submitted[]>;
}

async function begin(): Promise<Bench> {
  const { url, schema } = await freshStoreOptions();
  const store = await openPostgresStore({ url, schema, connections: 4 });
  onTestFinished(() => store.close());
  const app = await connectAs(url);
  const now = async () => (await store.time())! + 1_000;
  const submissions = store.submissions!;
  return {
    store,
    submissions,
    schema,
    app,
    now,
    connect: () => connectAs(url),
    async send(mail, key = null, by = app) {
      const values = [mail === undefined ? null : JSON.stringify(mail), key];
      const { rows } = await by.query<{ id: string }>(`SELECT "${schema}".send($1, $2) AS id`, values);
      return rows[0]!.id;
    },
    next: async ({ limit = 100, maxBytes = 1e9 } = {}) =>
      submissions.next({ now: await now(), limit, maxBytes, leaseMs }),
  };
}

test("a mail is kept as it was given, under a UUID of version 7 that tells its time", async () => {
  const { store, send, next, submissions } = await begin();
  const before = (await store.time())!;
  const id = await send({ ...mail, tags: [{ name: "kind", value: "tést" }] });
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const at = Number.parseInt(id.replace("-", "").slice(0, 12), 16);
  expect(Math.abs(at - before)).toBeLessThan(5_000);
  expect(await submissions.due()).toBe(at);
  const [taken, ...others] = await next();
  expect(others).toEqual([]);
  expect(taken).toMatchObject({ id, origin: "sql:postgres", submittedAt: at, tries: 1 });
  expect(JSON.parse(taken!.mail)).toEqual({ ...mail, tags: [{ name: "kind", value: "tést" }] });
});

test("what the application rolls back was never there, and what it commits comes with its own rows", async () => {
  const { app, send, next } = await begin();
  await app.query("CREATE TEMP TABLE orders (id int)");
  await app.query("BEGIN");
  await app.query("INSERT INTO orders VALUES (1)");
  await send(mail, "order 1");
  expect(await next()).toEqual([]);
  await app.query("ROLLBACK");
  expect(await next()).toEqual([]);

  await app.query("BEGIN");
  await app.query("INSERT INTO orders VALUES (2)");
  // The key is free again: nothing of what was rolled back is left.
  const id = await send({ ...mail, subject: "Another" }, "order 1");
  expect(await next()).toEqual([]);
  await app.query("COMMIT");
  expect((await next()).map((one) => one.id)).toEqual([id]);
  expect((await app.query("SELECT id FROM orders")).rows).toEqual([{ id: 2 }]);
});

test("the same key stands for one message, however its JSON was written; with another body it is refused", async () => {
  const { app, send, next } = await begin();
  const first = await send({ subject: "Hello", to: "ada@example.net", text: "Hi" }, "welcome 7");
  expect(await send({ text: "Hi", to: "ada@example.net", subject: "Hello" }, "welcome 7")).toBe(first);
  const refused = await send({ ...mail, text: "Other" }, "welcome 7").catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "23505", hint: "Use a new key for a new message." });
  expect(String(refused)).toContain(first);
  expect((await next()).length).toBe(1);
  // Within one transaction as well.
  await app.query("BEGIN");
  const second = await send(mail, "welcome 8");
  expect(await send(mail, "welcome 8")).toBe(second);
  await app.query("COMMIT");
  expect((await next()).map(({ id }) => id)).toEqual([second]);
});

test("two transactions at once with the same key are one message; when the first gives up, the second sends", async () => {
  const { app, connect, send, next } = await begin();
  const other = await connect();
  const { rows } = await other.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const waits = async () => {
    const { rowCount } = await app.query("SELECT 1 FROM pg_locks WHERE pid = $1 AND NOT granted", [
      rows[0]!.pid,
    ]);
    return rowCount === 1;
  };
  for (const end of ["COMMIT", "ROLLBACK"]) {
    await app.query("BEGIN");
    const first = await send(mail, `at once, ${end}`);
    const second = send(mail, `at once, ${end}`, other);
    await expect.poll(waits, { timeout: 10_000 }).toBe(true);
    await app.query(end);
    const id = await second;
    expect(id === first).toBe(end === "COMMIT");
    expect((await next()).map((one) => one.id)).toEqual([id]);
  }
});

test("a transaction that cannot see who took the key is told to begin again", async () => {
  const { app, connect, send, next } = await begin();
  const other = await connect();
  await other.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  await other.query("SELECT 1");
  const first = await send(mail, "order 1");
  await expect(send(mail, "order 1", other)).rejects.toMatchObject({ code: "40001" });
  await other.query("ROLLBACK");
  await other.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  expect(await send(mail, "order 1", other)).toBe(first);
  await other.query("COMMIT");
  // What is rolled back to a savepoint is gone as well.
  await app.query("BEGIN");
  await app.query("SAVEPOINT here");
  await send(mail, "order 2");
  await app.query("ROLLBACK TO here");
  await app.query("COMMIT");
  expect((await next()).map(({ id }) => id)).toEqual([first]);
});

const bad: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", undefined, /mail has to be a JSON object; it is NULL/],
  ["a list", [mail], /mail has to be a JSON object; it is array/],
  ["no recipient", { subject: "Hello", text: "Hi" }, /mail\.to has to be .* it is missing/],
  ["an empty recipient", { ...mail, to: " " }, /mail\.to/],
  ["an empty list", { ...mail, to: [] }, /mail\.to .* it is \[\]/],
  ["a list with something else in it", { ...mail, to: ["ada@example.net", 7] }, /mail\.to/],
  ["a number for a sender", { ...mail, from: 7 }, /mail\.from has to be an address; it is 7/],
  ["no subject", { to: "ada@example.net", text: "Hi" }, /mail\.subject has to be a text; it is missing/],
  ["an unknown lane", { ...mail, lane: "fast" }, /mail\.lane "fast" is none/],
  ["too much", { ...mail, text: "x".repeat(49_982_123) }, /mail has \d+ bytes of JSON; 49982123 are allowed/],
];

test("what cannot be sent is refused with an error that says what to do", async () => {
  const { send, next } = await begin();
  for (const [name, given, says] of bad) {
    const error = await send(given).catch((thrown: unknown) => thrown);
    expect(error, name).toMatchObject({ code: "22023", hint: expect.stringMatching(/.{10}/) });
    expect(String(error), name).toMatch(says);
  }
  for (const key of ["", "x".repeat(257)])
    await expect(send(mail, key)).rejects.toMatchObject({
      code: "22023",
      message: `idempotency_key has ${key.length} characters; 1 to 256 are allowed`,
    });
  expect(await next()).toEqual([]);
});

test("nodes hear of it with the commit, unless the application asks for quiet", async () => {
  const { app, schema, connect, send } = await begin();
  const listener = await connect();
  const heard: string[] = [];
  listener.on("notification", ({ payload }) => heard.push(payload ?? ""));
  await listener.query(`LISTEN "postrider.${schema}"`);
  /** Notifications arrive in the order of commits: what came before this one has been heard. */
  const mark = async (name: string) => {
    await app.query("SELECT pg_notify($1, $2)", [`postrider.${schema}`, name]);
    await expect.poll(() => heard.at(-1), { timeout: 10_000 }).toBe(name);
  };
  await app.query("BEGIN; SET LOCAL postrider.notify = off");
  await send(mail);
  await app.query("COMMIT");
  await mark("after a quiet one");
  await app.query("BEGIN");
  await send(mail);
  await send(mail);
  await app.query("COMMIT");
  await mark("after two of one transaction");
  expect(heard).toEqual(["after a quiet one", "work", "after two of one transaction"]);
});

test("urgent ones are taken up first, a limit of bytes is kept, and one that is larger comes alone", async () => {
  const { send, next } = await begin();
  const bulk = await send({ ...mail, lane: "bulk" });
  const large = await send({ ...mail, text: "x".repeat(5_000) });
  const urgent = await send({ ...mail, lane: "urgent" });
  const ids = async (more: { readonly limit?: number; readonly maxBytes?: number }) =>
    (await next(more)).map(({ id }) => id);
  expect(await ids({ maxBytes: 1_000 })).toEqual([urgent]);
  expect(await ids({ maxBytes: 1_000 })).toEqual([large]);
  expect(await ids({ maxBytes: 1_000 })).toEqual([bulk]);
});

test("one that nobody finished is taken up again when its lease ends, and becomes one message", async () => {
  const { store, submissions, send, now } = await begin();
  const id = await send(mail);
  const request = { limit: 10, maxBytes: 1e9, leaseMs };
  const at = await now();
  expect((await submissions.next({ now: at, ...request })).map(({ tries }) => tries)).toEqual([1]);
  expect(await submissions.due()).toBe(at + leaseMs);
  expect(await submissions.next({ now: at + leaseMs - 1, ...request })).toEqual([]);
  expect((await submissions.next({ now: at + leaseMs, ...request })).map(({ tries }) => tries)).toEqual([2]);
  await submissions.putOff([id], at + 5);
  expect((await submissions.next({ now: at + 5, ...request })).map(({ tries }) => tries)).toEqual([3]);

  const composed = { ...message(1), id };
  const both = await Promise.all([submissions.accept([composed]), submissions.accept([composed])]);
  const accepted = { status: "accepted", id, suppressed: [] };
  expect(both.flat().filter((one) => one !== null)).toEqual([accepted]);
  expect(await submissions.accept([composed])).toEqual([null]);
  expect(await submissions.due()).toBeNull();
  expect((await store.get(id))?.recipients.map(({ state }) => state)).toEqual(["queued"]);
});

test("a batch in which one is a submission no more stores the others", async () => {
  const { store, submissions, send } = await begin();
  const [one, two] = [await send(mail), await send(mail)];
  await submissions.accept([{ ...message(1), id: one }]);
  const answers = await submissions.accept([
    { ...message(1), id: one },
    { ...message(2), id: two },
  ]);
  expect(answers.map((answer) => answer?.id ?? null)).toEqual([null, two]);
  expect((await store.get(two))?.messageId).toBe("<2@example.com>");
});

test("a refused one is a message that has failed, and nobody can send it", async () => {
  const { store, submissions, send, now } = await begin();
  const id = await send(mail);
  const at = await now();
  const { content: _, notBefore: __, idempotency: ___, ...rest } = message(1);
  const verdict = {
    stage: "content",
    scope: "message",
    certainty: "not-accepted",
    retry: "permanent",
    cause: "message.malformed",
    reply: null,
    code: null,
    message: "to: nobody",
    waitMs: null,
  } as const;
  const refused: Refused = { ...rest, id, recipients: ["Nobody", "ada@example.net"], at, verdict };
  expect(await submissions.refuse(refused)).toBe(true);
  expect(await submissions.refuse(refused)).toBe(false);
  const stored = (await store.get(id))!;
  expect(stored.recipients).toMatchObject([
    { index: 0, address: "Nobody", state: "failed", attempts: 0, dueAt: null, changedAt: at, verdict },
    { index: 1, address: "ada@example.net", state: "failed", attempts: 0, verdict },
  ]);
  expect(await store.content(id)).toBeNull();
  expect(await store.retry(id, at)).toBe(0);
  expect((await store.list({ limit: 10, state: "failed" })).messages.map((one) => one.id)).toEqual([id]);
  // Retention finds it.
  const later = at + 1;
  const times = { contentBefore: later, transcriptBefore: later, messageBefore: later, idempotencyBefore: 0 };
  await store.prune({ now: later, ...times, limit: 100 });
  await store.prune({ now: later, ...times, limit: 100 });
  expect(await store.get(id)).toBeNull();
});

test("a backlog is not read from end to end for what comes next", async () => {
  const { app, schema, submissions, now } = await begin();
  await app.query(`SET search_path = ${schema}; SET plan_cache_mode = force_generic_plan`);
  await app.query(`INSERT INTO submissions (id, lane, origin, mail, size, submitted_at, due_at, tries)
    SELECT gen_random_uuid(), n % 3, 'sql:app', '{}', 2, n, n, 0 FROM generate_series(1, 20000) AS n`);
  await app.query("ANALYZE submissions");
  const { takeSubmissions, nextSubmission, putSubmissionsOff, removeSubmissions } = submissionsSql;
  for (const [{ name, text }, values] of [
    [takeSubmissions, "(1, 64, 2, 1000)"],
    [nextSubmission, ""],
    [putSubmissionsOff, "('{}', 1)"],
    [removeSubmissions, "('{}')"],
  ] as const) {
    await app.query(`PREPARE ${name} AS ${text}`);
    const { rows } = await app.query<{ "QUERY PLAN": string }>(`EXPLAIN EXECUTE ${name}${values}`);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan, name).not.toMatch(/Seq Scan on submissions|Sort Key: .*submissions\./);
    expect(plan, name).toContain("Index");
  }
  const taken = await submissions.next({ now: await now(), limit: 5, maxBytes: 1e9, leaseMs });
  expect(taken.map(({ submittedAt }) => submittedAt)).toEqual([3, 6, 9, 12, 15]);
});
