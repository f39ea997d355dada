// Several processes on one storage: what one writes is neither lost by another nor hidden from it.
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../causes/verdict.ts";
import type { Documents } from "../queue/store.ts";
import type { Secret } from "./account.ts";
import { AccountBook, type AccountChange } from "./accounts.ts";
import { KeyRing } from "./keys.ts";
import { Routes } from "./routes.ts";
import { memoryDocuments, testVault } from "./testing.ts";
import { Vault, vaultKey } from "./vault.ts";

const vault = testVault();
const secret: Secret = { kind: "password", password: "a password" };
const input = { name: "main", host: "smtp.example.com", port: 465, username: "ann@example.com" };
const verdict = (cause: Verdict["cause"]): Verdict => ({
  stage: "auth",
  scope: "account",
  certainty: "not-accepted",
  retry: "config",
  cause,
  reply: null,
  code: null,
  message: "refused",
  waitMs: null,
});

function book(documents: Documents, at = 1_000): Promise<AccountBook> {
  return AccountBook.open({ documents, vault, shared: true, now: () => at });
}

/** Every call takes a turn of its own choice, so that those of two processes come in any order. */
function interleaved(documents: Documents, turns: () => number): Documents {
  const later = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let turn = turns(); turn > 0; turn -= 1) await Promise.resolve();
    const done = await work();
    for (let turn = turns(); turn > 0; turn -= 1) await Promise.resolve();
    return done;
  };
  return {
    get: (kind, name) => later(() => documents.get(kind, name)),
    list: (kind) => later(() => documents.list(kind)),
    put: (kind, name, body) => later(() => documents.put(kind, name, body)),
    insert: (kind, name, body) => later(() => documents.insert(kind, name, body)),
    replace: (kind, name, seen, body) => later(() => documents.replace(kind, name, seen, body)),
    delete: (kind, name) => later(() => documents.delete(kind, name)),
  };
}

describe("two books on one storage", () => {
  test("lose no change, whatever the order of their reads and writes", async () => {
    const fields = ["perSecond", "perMinute", "perHour", "perDay", "connections"] as const;
    const turn = fc.infiniteStream(fc.nat(6));
    const writes = fc.uniqueArray(fc.record({ by: fc.nat(2), field: fc.constantFrom(...fields) }), {
      selector: ({ field }) => field,
      minLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(turn, writes, fc.boolean(), async (turns, changes, parks) => {
        const stored = memoryDocuments();
        const documents = interleaved(stored, () => turns.next().value);
        await (await book(stored)).add(input, secret);
        const books = await Promise.all([book(documents), book(documents), book(documents)]);
        const parked = parks
          ? [
              books[0]!.park("main", verdict("auth.bad-credentials")),
              books[1]!.park("main", verdict("auth.app-password-required")),
            ]
          : [];
        await Promise.all([
          ...changes.map(({ by, field }, index) =>
            books[by]!.update("main", { limits: { [field]: index + 1 } }),
          ),
          ...parked,
        ]);
        for (const each of books) await each.reload(null);
        const expected = Object.fromEntries(changes.map(({ field }, index) => [field, index + 1]));
        for (const each of books) {
          expect(each.get("main").limits).toEqual(expected);
          expect(each.get("main")).toEqual(books[0]!.get("main"));
        }
        const verdicts = await Promise.all(parked);
        expect(verdicts.filter(Boolean)).toHaveLength(parks ? 1 : 0);
        expect(books[2]!.get("main").parked?.verdict.cause).toBe(
          parks ? (verdicts[0] ? "auth.bad-credentials" : "auth.app-password-required") : undefined,
        );
      }),
      { numRuns: 100 },
    );
  });

  test("give a name once, to an account or to a route", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(6)), async (turns) => {
        const documents = interleaved(memoryDocuments(), () => turns.next().value);
        const [one, other] = [await book(documents), await book(documents)];
        await one.add(input, secret);
        await other.reload(null);
        const routes = await Routes.open(documents, other);
        const done = await Promise.allSettled([
          one.add({ ...input, name: "both" }, secret),
          routes.put({ name: "both", accounts: ["main"] }),
        ]);
        expect(done.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(1);
        const kept = await Promise.all([documents.get("account", "both"), documents.get("route", "both")]);
        expect(kept.map((body) => body !== null)).toEqual(done.map(({ status }) => status === "fulfilled"));
        const twice = await Promise.allSettled([
          one.add({ ...input, name: "new" }, secret),
          other.add({ ...input, name: "new" }, secret),
        ]);
        expect(twice.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      }),
      { numRuns: 60 },
    );
  });

  test("tell what the other did as done elsewhere, and what is theirs as their own", async () => {
    const documents = memoryDocuments();
    const [one, other] = [await book(documents), await book(documents)];
    const told: AccountChange[] = [];
    other.onChange((change) => told.push(change));
    await one.add(input, secret);
    await one.setDefault("main");
    expect(await other.reload([{ kind: "account", name: "main" }])).toBe(true);
    expect(await other.reload([{ kind: "setting", name: "default-account" }])).toBe(true);
    expect(other.default()?.name).toBe("main");
    await one.update("main", { from: "bob@example.com" });
    await one.update("main", {}, { kind: "password", password: "another" });
    await other.reload(null);
    expect(other.secret("main")).toEqual({ kind: "password", password: "another" });
    await other.park("main", verdict("auth.bad-credentials"));
    await one.remove("main");
    await other.reload([{ kind: "account", name: "main" }]);
    expect(
      told.map(({ before, after, secretChanged, remote }) => [
        before?.from,
        after?.from,
        secretChanged,
        remote,
      ]),
    ).toEqual([
      [undefined, "ann@example.com", true, true],
      ["ann@example.com", "bob@example.com", true, true],
      ["bob@example.com", "bob@example.com", false, false],
      ["bob@example.com", undefined, true, true],
    ]);
    expect(await other.reload(null)).toBe(false);
  });

  test("declare the same account at the same time without a quarrel", async () => {
    const documents = memoryDocuments();
    const books = await Promise.all([book(documents), book(documents), book(documents)]);
    await Promise.all(books.map((each) => each.declare(input, secret)));
    const body = await documents.get("account", "main");
    await Promise.all(books.map((each) => each.declare(input, secret)));
    expect(await documents.get("account", "main")).toBe(body);
  });

  test("a change that another process made impossible is refused as it would be there", async () => {
    const documents = memoryDocuments();
    const [one, other] = [await book(documents), await book(documents)];
    await one.add(input, secret);
    await other.reload(null);
    await one.remove("main");
    await expect(other.update("main", { from: "bob@example.com" })).rejects.toThrow("no account named");
    expect(other.find("main")).toBeNull();
  });

  test("a write whose answer was lost counts as written, once", async () => {
    const documents = memoryDocuments();
    const deaf: Documents = {
      ...documents,
      insert: async (...rest) => (await documents.insert(...rest)) && false,
      replace: async (...rest) => (await documents.replace(...rest)) && false,
    };
    const one = await book(deaf);
    await one.add(input, secret);
    expect(await one.park("main", verdict("auth.bad-credentials"))).toBe(true);
    expect(await one.park("main", verdict("auth.app-password-required"))).toBe(false);
  });
});

test("a secret that this process cannot open is taken over, and refused where it is used", async () => {
  const documents = memoryDocuments();
  const foreign = new Vault([vaultKey(randomBytes(32))], "elsewhere");
  const other = await AccountBook.open({ documents, vault: foreign, shared: true });
  const one = await book(documents);
  await other.add(input, secret);
  await one.reload(null);
  expect(one.get("main").name).toBe("main");
  expect(() => one.secret("main")).toThrow("was sealed with key");
});

describe("routes", () => {
  test("of another process are taken over, changed and gone", async () => {
    const documents = memoryDocuments();
    const [one, other] = [await book(documents), await book(documents)];
    await one.add(input, secret);
    await other.reload(null);
    const [here, there] = [await Routes.open(documents, one), await Routes.open(documents, other)];
    await here.put({ name: "codes", accounts: ["main"] });
    expect(await there.reload([{ kind: "route", name: "codes" }])).toBe(true);
    expect(there.list()).toEqual(here.list());
    await here.put({ name: "codes", accounts: ["main"], onBudget: "wait" });
    expect(await there.reload(null)).toBe(true);
    expect(there.resolve("codes").onBudget).toBe("wait");
    await here.remove("codes");
    expect(await there.reload([{ kind: "route", name: "codes" }])).toBe(true);
    expect(there.list()).toEqual([]);
    expect(await there.reload(null)).toBe(false);
  });
});

describe("keys", () => {
  test("a revoked key is refused elsewhere as soon as that is told, also when it was being read", async () => {
    const documents = memoryDocuments();
    const reading = Promise.withResolvers<void>();
    let slow = false;
    const held: Documents = {
      ...documents,
      get: async (kind, name) => {
        const body = await documents.get(kind, name);
        if (slow) await reading.promise;
        return body;
      },
    };
    const [here, there] = [new KeyRing(documents, () => 1), new KeyRing(held, () => 1)];
    const { key, entry } = await here.create("app");
    slow = true;
    const verified = there.verify(key);
    await here.revoke("app");
    there.forget([{ kind: "key", name: entry.id }]);
    reading.resolve();
    // It had been asked for before it was revoked.
    expect(await verified).not.toBeNull();
    slow = false;
    expect(await there.verify(key)).toBeNull();
  });

  test("of one name are made once at a time, and revoked once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(6)), async (turns) => {
        const documents = interleaved(memoryDocuments(), () => turns.next().value);
        const rings = [new KeyRing(documents, () => 1), new KeyRing(documents, () => 2)];
        const made = await Promise.allSettled(rings.map((ring) => ring.create("app")));
        const good = made.filter(({ status }) => status === "fulfilled").length;
        expect(good).toBeLessThanOrEqual(1);
        expect(await rings[0]!.list()).toHaveLength(good);
        if (good === 0) await rings[0]!.create("app");
        const revoked = await Promise.allSettled(rings.map((ring) => ring.revoke("app")));
        expect(revoked.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      }),
      { numRuns: 100 },
    );
  });
});
