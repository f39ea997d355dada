// Whatever a data directory holds is in the database afterwards, however often the move was broken off.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { startPostgres } from "../test/postgres/server.ts";
import { freshStoreOptions } from "../test/postgres/shared.ts";
import { AccountBook } from "./accounts/accounts.ts";
import { Routes } from "./accounts/routes.ts";
import { openVault } from "./accounts/secretkey.ts";
import { type MigrateOptions, migrate, undoMigrate } from "./migrate.ts";
import { Course } from "./queue/conformance/course.ts";
import {
  attempt,
  claimAll,
  claimed,
  contentOf,
  id,
  message,
  minute,
  now,
  stored,
} from "./queue/conformance/harness.ts";
import { call, perform } from "./queue/conformance/model.ts";
import { openPostgresStore } from "./queue/postgres/open.ts";
import { openSqliteStore } from "./queue/sqlite/open.ts";
import type { QueueStore, StoredMessage } from "./queue/store.ts";

const opened: QueueStore[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "postrider-migrate-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

type Place = Awaited<ReturnType<typeof freshStoreOptions>>;

function optionsFor(directory: string, place: Place, given: Partial<MigrateOptions> = {}): MigrateOptions {
  const { url, schema } = place;
  return {
    directory,
    database: { url, place: { schema, shown: "postgres://db.example.com/mail" } },
    existing: "refuse",
    dryRun: false,
    env: {},
    ...given,
  };
}

async function open(directory: string): Promise<QueueStore> {
  const store = await openSqliteStore({ directory });
  opened.push(store);
  return store;
}

async function target(place: Place): Promise<QueueStore> {
  const store = await openPostgresStore({ ...place, connections: 3 });
  opened.push(store);
  return store;
}

/** Fills a directory, and closes it. */
async function filled(fill: (store: QueueStore) => Promise<unknown>): Promise<string> {
  const directory = freshDirectory();
  const store = await openSqliteStore({ directory });
  await fill(store);
  await store.close();
  return directory;
}

const broken = new Error("the process died");

/** Dies after so many parts. */
function dyingAfter(parts: number) {
  let seen = -1;
  return () => {
    seen += 1;
    if (seen === parts) throw broken;
  };
}

/** With a death after each number of parts, then to the end. */
async function migrateWithDeaths(options: MigrateOptions, deaths: readonly number[]) {
  for (const parts of deaths) {
    try {
      return await migrate({ ...options, onProgress: dyingAfter(parts) });
    } catch (error) {
      if (error !== broken) throw error;
    }
  }
  return await migrate(options);
}

/** When what was being sent is released, in the directory that the database is compared with. */
const released = Number.MAX_SAFE_INTEGER;

async function everythingOf(store: QueueStore, wasSending: ReadonlySet<string>) {
  const { messages } = await store.list({ limit: 100 });
  const place = (one: StoredMessage, index: number) => `${one.id} ${index}`;
  const sending = new Set(wasSending);
  for (const one of messages)
    for (const { index, changedAt } of one.recipients)
      if (changedAt === released) sending.add(place(one, index));
  const shown = messages.map((one) => ({
    ...one,
    recipients: one.recipients.map((r) =>
      sending.has(place(one, r.index)) ? { ...r, changedAt: "at the move" } : r,
    ),
  }));
  const kept = [];
  for (const one of messages) kept.push([await store.attempts(one.id), text(await store.content(one.id))]);
  const depth = (await store.depth()).map((one) => JSON.stringify(one)).sort();
  const documents = [await store.documents.list("key"), await store.documents.list("condition")];
  const suppressions = await store.suppressions.list({ limit: 1000 });
  return { everything: { shown, kept, depth, documents, suppressions }, sending };
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

async function claimable(store: QueueStore, at: number) {
  const { claims, expired, suppressed, next } = await claimed(store, { now: at });
  const byId = <One extends { readonly id: string }>(all: readonly One[]) =>
    all.toSorted((one, other) => one.id.localeCompare(other.id));
  return {
    claims: byId(claims).map(({ lease, content, ...rest }) => ({ ...rest, content: text(content) })),
    expired: byId(expired),
    suppressed: byId(suppressed),
    next: next === null ? null : next > at,
  };
}

describe("a moved store", () => {
  test("answers as the one that it came from, whatever was done there and wherever the move died", async () => {
    const calls = fc.array(
      call.filter((one) => one.call !== "reopen"),
      { minLength: 30, maxLength: 60, size: "max" },
    );
    const deaths = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(calls, deaths, fc.integer({ min: 1, max: 4 }), async (course, dying, partSize) => {
        const model = new Course();
        const directory = await filled(async (store) => {
          for (const one of course) await perform(model, store, one);
          await store.documents.put("key", "k1", '{"name":"app"}');
          await store.documents.put("condition", "endpoint", "{}");
          const take = { account: "main", limits: { day: 100, minute: 50 }, urgentShare: 0.2, wanted: 7 };
          await store.budgets.take({ ...take, now: model.time, urgent: false });
          await store.budgets.take({ ...take, now: model.time - 30_000, urgent: true });
        });
        const copy = `${directory}-copy`;
        cpSync(directory, copy, { recursive: true });
        const place = await freshStoreOptions();

        const report = await migrateWithDeaths(optionsFor(directory, place, { partSize }), dying);

        expect(report.complete).toBe(true);
        const before = await openSqliteStore({ directory: copy });
        const after = await openPostgresStore({ ...place, connections: 3 });
        try {
          await before.record(
            model.claims.map((claim) =>
              attempt(
                claim,
                claim.recipients.map(({ index }) => ({ index, event: "release" })),
                { endedAt: released, counts: false },
              ),
            ),
          );
          const expected = await everythingOf(before, new Set());
          expect((await everythingOf(after, expected.sending)).everything).toEqual(expected.everything);
          expect(await after.budgets.spent("main", model.time)).toEqual(
            await before.budgets.spent("main", model.time),
          );
          for (const later of [0, 5, 60]) {
            const at = model.time + later * minute;
            expect(await claimable(after, at)).toEqual(await claimable(before, at));
          }
        } finally {
          await before.close();
          await after.close();
          rmSync(copy, { recursive: true, force: true });
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  }, 90_000);

  test("knows the idempotency keys, and takes mail of its own", async () => {
    const keyed = (n: number, bodyHash: string) =>
      message(n, { origin: "k1", idempotency: { key: "order-7", bodyHash } });
    const directory = await filled((store) => store.accept([keyed(1, "a"), message(2)]));
    const place = await freshStoreOptions();
    await migrate(optionsFor(directory, place));
    const store = await target(place);

    expect(await store.accept([keyed(3, "a")])).toEqual([{ status: "repeated", id: id(1) }]);
    expect(await store.accept([keyed(4, "b")])).toEqual([{ status: "conflict", id: id(1) }]);
    await store.accept([message(5)]);
    expect((await claimAll(store)).map((claim) => claim.id)).toEqual([id(1), id(2), id(5)]);
    expect((await store.list({ limit: 10 })).messages.map((one) => one.id)).toEqual([id(5), id(2), id(1)]);
  });

  test("is stopped after a part, and goes on there", async () => {
    const directory = await filled((store) => store.accept([message(1), message(2), message(3)]));
    const place = await freshStoreOptions();
    const stopping = new AbortController();
    const options = optionsFor(directory, place, { partSize: 1, signal: stopping.signal });

    const report = await migrate({
      ...options,
      onProgress: ({ arrived }) => {
        if (arrived.messages === 1) stopping.abort();
      },
    });

    expect(report).toMatchObject({ complete: false, arrived: { messages: 1 } });
    expect(await migrate(optionsFor(directory, place))).toMatchObject({
      complete: true,
      arrived: { messages: 3, waiting: 3 },
    });
  });

  test("keeps a message that is there already as it is", async () => {
    const directory = await filled((store) => store.accept([message(1), message(2)]));
    const place = await freshStoreOptions();
    const store = await target(place);
    await store.accept([message(1)]);
    const [claim] = await claimAll(store);
    await store.record([attempt(claim!, [{ index: 0, event: "accept" }])]);

    const { arrived } = await migrate(optionsFor(directory, place));

    expect(arrived).toMatchObject({ messages: 1, waiting: 1 });
    expect((await stored(store, 1)).recipients).toMatchObject([{ state: "sent", attempts: 1 }]);
    expect(text(await store.content(id(2)))).toBe(text(contentOf(2)));
  });

  test("waits for a database that goes away in the middle, and comes to the same", async () => {
    const count = 60;
    const directory = await filled((store) =>
      store.accept(Array.from({ length: count }, (_, n) => message(n + 1))),
    );
    const server = await startPostgres();
    onTestFinished(() => server.dispose());
    const place = { url: server.url, schema: "postrider" };
    let back: Promise<void> | null = null;
    const cut = migrate(
      optionsFor(directory, place, {
        partSize: 10,
        onProgress: ({ arrived }) => {
          if (arrived.messages === 30) back ??= server.kill().then(() => server.restart());
        },
      }),
    );

    expect((await cut).arrived.messages).toBe(count);
    expect(back).not.toBeNull();
    await back;
    const store = await target(place);
    const found = (await store.list({ limit: 100 })).messages.map((one) => one.id);
    expect(found).toEqual(Array.from({ length: count }, (_, n) => id(count - n)));
    await store.close();
  });
});

describe("a directory that was moved", () => {
  test("is opened by nobody, and moved no second time", async () => {
    const directory = await filled((store) => store.accept([message(1)]));
    const place = await freshStoreOptions();
    await migrate(optionsFor(directory, place));

    await expect(open(directory)).rejects.toMatchObject({
      problem: "moved",
      message: expect.stringMatching(
        /was moved to postgres:\/\/db\.example\.com\/mail .*POSTRIDER_DATABASE_URL/,
      ),
    });
    await expect(migrate(optionsFor(directory, place))).rejects.toThrow("Nothing is left to do");
    await expect(undoMigrate(directory)).rejects.toThrow("Nothing is left to do");
  });

  test("comes back while no mail has gone, and not after", async () => {
    const directory = await filled((store) => store.accept([message(1), message(2)]));
    const place = await freshStoreOptions();
    const options = optionsFor(directory, place, { partSize: 1 });
    const until = (ends: (messages: number, stage: string) => boolean) =>
      migrate({
        ...options,
        onProgress: ({ arrived, stage }) => {
          if (ends(arrived.messages, stage)) throw broken;
        },
      });

    await expect(until((_, stage) => stage === "spent")).rejects.toBe(broken);
    await expect(open(directory)).rejects.toThrow("postrider migrate --undo");
    await undoMigrate(directory);
    const store = await open(directory);
    await store.accept([message(3)]);
    await store.close();

    await expect(until((messages) => messages === 1)).rejects.toBe(broken);
    await expect(open(directory)).rejects.toThrow("there is no way back");
    await expect(undoMigrate(directory)).rejects.toThrow("would send it twice");
    expect((await migrate(options)).arrived.messages).toBe(3);
  });

  test("goes on in the database it was begun with, and an older copy of it goes nowhere near", async () => {
    const directory = await filled((store) => store.accept([message(1), message(2)]));
    const place = await freshStoreOptions();
    const copy = freshDirectory();
    const options = optionsFor(directory, place, { partSize: 1 });
    await expect(migrate({ ...options, onProgress: dyingAfter(0) })).rejects.toBe(broken);
    await undoMigrate(directory);
    cpSync(directory, copy, { recursive: true });
    await expect(migrate({ ...options, onProgress: dyingAfter(5) })).rejects.toBe(broken);

    const elsewhere = await freshStoreOptions();
    await expect(migrate(optionsFor(directory, elsewhere))).rejects.toThrow("Go on with the same database");
    await expect(migrate(optionsFor(copy, place))).rejects.toThrow("an older copy");
  });

  test("arrives once, also when two move it at a time", async () => {
    const directory = await filled((store) =>
      store.accept(Array.from({ length: 12 }, (_, n) => message(n + 1))),
    );
    const place = await freshStoreOptions();
    const options = optionsFor(directory, place, { partSize: 1 });
    await expect(migrate({ ...options, onProgress: dyingAfter(0) })).rejects.toBe(broken);
    const copy = freshDirectory();
    cpSync(directory, copy, { recursive: true });

    const both = await Promise.all([migrate(options), migrate({ ...options, directory: copy })]);

    expect(both.map(({ arrived }) => arrived.messages)).toEqual([12, 12]);
    expect((await (await target(place)).list({ limit: 100 })).messages).toHaveLength(12);
  });
});

/** A directory with accounts; none leads anywhere. */
async function withAccounts(names: readonly string[], more?: (routes: Routes, book: AccountBook) => unknown) {
  return filled(async (store) => {
    const { documents } = store;
    const book = await AccountBook.open({ documents, vault: vaultOf(), now: () => now });
    for (const name of names) {
      const where = { host: "127.0.0.1", port: 2525, security: "none", unusualPort: true } as const;
      await book.add({ name, ...where, from: `${name}@example.com` });
    }
    await more?.(await Routes.open(documents, book), book);
    await store.accept([message(1, { route: "sandbox" }), message(2, { route: "main" }), message(3)]);
  });
}

const env = { POSTRIDER_SECRET_KEY: "11".repeat(32) };
const vaultOf = () => openVault("", env);

describe("accounts", () => {
  test("go over, and the sandbox stays with what waits for it", async () => {
    const directory = await withAccounts(["sandbox", "main"], async (routes, book) => {
      await book.setDefault("sandbox");
      await routes.put({ name: "caught", accounts: ["sandbox"] });
      await routes.put({ name: "all", accounts: ["main", "sandbox"] });
    });
    const place = await freshStoreOptions();

    const { leaving } = await migrate(optionsFor(directory, place, { env }));

    expect(leaving).toMatchObject({ waiting: 2, sandboxRoutes: ["caught"] });
    const { documents, ...store } = await target(place);
    const book = await AccountBook.open({ documents, vault: vaultOf(), shared: true, sandbox: false });
    expect(book.list().map(({ name }) => name)).toEqual(["main"]);
    expect(book.default()?.name).toBe("main");
    const routes = await Routes.open(documents, book);
    expect(routes.list().map(({ name }) => name)).toEqual(["all"]);
    expect((await store.list({ limit: 10 })).messages.map((one) => one.id)).toEqual([id(2)]);
  });

  test("that nobody chose among are not chosen by the move", async () => {
    const directory = await withAccounts(["sandbox", "main"]);
    const place = await freshStoreOptions();
    await expect(migrate(optionsFor(directory, place, { env }))).rejects.toThrow(
      "postrider account default <name>",
    );
    // Nothing was begun.
    await (await open(directory)).documents.put("setting", "default-account", "main");
    await opened.pop()!.close();
    expect((await migrate(optionsFor(directory, place, { env }))).arrived.messages).toBe(2);
    expect(await (await target(place)).documents.get("setting", "default-account")).toBe("main");
  });

  test.each([
    ["keep", "there@example.com"],
    ["replace", "main@example.com"],
  ] as const)("that are there with other content are named, and %s decides", async (existing, from) => {
    const directory = await withAccounts(["main", "second"]);
    const place = await freshStoreOptions();
    const { documents } = await target(place);
    const there = await AccountBook.open({ documents, vault: vaultOf(), shared: true });
    const where = { host: "127.0.0.1", port: 2525, security: "none", unusualPort: true } as const;
    await there.add({ name: "main", ...where, from: "there@example.com" });
    const options = optionsFor(directory, place, { env });

    await expect(migrate(options)).rejects.toThrow('this already, with other content: account "main"');
    expect((await migrate({ ...options, dryRun: true })).differing).toEqual(['account "main"']);
    await (await open(directory)).close();
    await migrate({ ...options, existing });

    const after = await AccountBook.open({ documents, vault: vaultOf(), shared: true });
    expect(after.list().map((one) => [one.name, one.from])).toEqual([
      ["main", from],
      ["second", "second@example.com"],
    ]);
  });

  test("whose key is not at hand, or not the nodes', do not go", async () => {
    const directory = await withAccounts(["main"]);
    const place = await freshStoreOptions();
    const other = { POSTRIDER_SECRET_KEY: "22".repeat(32) };
    await expect(migrate(optionsFor(directory, place, { env: other }))).rejects.toThrow(
      "was sealed with key",
    );
    const without = await filled((store) => store.accept([message(9)]));
    await migrate(optionsFor(without, place, { env: other }));
    await expect(migrate(optionsFor(directory, place, { env }))).rejects.toThrow(
      "All nodes need the same key",
    );
    await (await open(directory)).close();
  });
});

test("a dry run changes nothing, neither here nor there", async () => {
  const directory = await filled((store) => store.accept([message(1), message(2)]));
  const place = await freshStoreOptions();

  const report = await migrate(optionsFor(directory, place, { dryRun: true, env }));

  expect(report).toMatchObject({ complete: false, total: { messages: 2 }, arrived: { messages: 0 } });
  const store = await open(directory);
  expect(await store.documents.list("setting")).toEqual([]);
  expect(await claimAll(store)).toHaveLength(2);
});
