import { describe, expect, test } from "vitest";
import type { Verdict } from "../causes/verdict.ts";
import type { Account, Secret } from "./account.ts";
import type { AccountBook, AccountChange } from "./accounts.ts";
import { AccountError } from "./error.ts";
import { Routes } from "./routes.ts";
import type { AccountInput } from "./settings.ts";
import { memoryDocuments, testBook, testVault } from "./testing.ts";
import { Vault, VaultError } from "./vault.ts";

const secret: Secret = { kind: "password", password: "first password" };
const input: AccountInput = {
  name: "main",
  host: "smtp.example.com",
  port: 465,
  username: "ann@example.com",
};
const verdict: Verdict = {
  stage: "auth",
  scope: "account",
  certainty: "not-accepted",
  retry: "config",
  cause: "auth.bad-credentials",
  reply: null,
  code: null,
  message: "refused",
  waitMs: null,
};

async function problem(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof AccountError) return error.problem;
    throw error;
  }
  return "none";
}

describe("the account book", () => {
  test("keeps accounts and their secrets over a restart", async () => {
    const [documents, vault] = [memoryDocuments(), testVault()];
    const added = await (await testBook(documents, vault)).add(input, secret);
    const again = await testBook(documents, vault);
    expect(again.get("main")).toEqual(added);
    expect(again.secret("main")).toEqual(secret);
  });

  test("never stores a secret in clear, and never shows it in an account", async () => {
    const documents = memoryDocuments();
    const book = await testBook(documents);
    await book.add(input, secret);
    const stored = JSON.stringify(await documents.list("account"));
    expect(stored).not.toContain(secret.kind === "password" ? secret.password : "");
    expect(stored).not.toContain(Buffer.from("first password").toString("base64").slice(0, 16));
    expect(JSON.stringify(book.list())).not.toContain("sealed");
  });

  test("a name is given once, also by two at a time and over a route", async () => {
    const documents = memoryDocuments();
    const book = await testBook(documents);
    const results = await Promise.allSettled([book.add(input, secret), book.add(input, secret)]);
    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    const routes = await Routes.open(documents, book);
    await routes.put({ name: "both", accounts: ["main"] });
    expect(await problem(book.add({ ...input, name: "both" }, secret))).toBe("name-taken");
  });

  test("an unknown name says which is near", async () => {
    const book = await testBook();
    await book.add(input, secret);
    expect(() => book.get("mian")).toThrow('Did you mean "main"?');
    expect(book.find("mian")).toBeNull();
    expect(await problem(book.remove("other"))).toBe("unknown-account");
  });
});

describe("a secret is bound", () => {
  const changes: readonly Partial<AccountInput>[] = [
    { host: "evil.example.com" },
    { port: 2465 },
    { port: 587, security: "starttls" },
    { username: "eve@example.com" },
  ];
  test.each(changes)("%o needs it again, and without it nothing changes", async (change) => {
    const book = await testBook();
    const before = await book.add(input, secret);
    expect(await problem(book.update("main", change))).toBe("secret-must-be-entered");
    expect(book.get("main")).toEqual(before);
    const entered: Secret = { kind: "password", password: "second password" };
    await book.update("main", change, entered);
    expect(book.secret("main")).toEqual(entered);
  });

  test("an account edited in storage can no longer be opened", async () => {
    const [documents, vault] = [memoryDocuments(), testVault()];
    await (await testBook(documents, vault)).add(input, secret);
    const body = await documents.get("account", "main");
    await documents.put("account", "main", body!.replace("smtp.example.com", "evil.example.com"));
    const book = await testBook(documents, vault);
    expect(book.get("main").endpoint.host).toBe("evil.example.com");
    expect(() => book.secret("main")).toThrow(VaultError);
    expect(() => book.secret("main")).toThrow("must be entered again");
  });

  test("what it is not bound to changes without it", async () => {
    const book = await testBook();
    await book.add(input, secret);
    const after = await book.update("main", { from: "team@example.com", host: "SMTP.example.com" });
    expect(after.from).toBe("team@example.com");
    expect(book.secret("main")).toEqual(secret);
  });

  const alternates = [
    { host: "smtp.example.com", port: 587 },
    { host: "backup.example.net", port: 465 },
  ];

  test("to the alternates too: a new one needs it again, and one that goes or moves up does not", async () => {
    const book = await testBook();
    await book.add({ ...input, alternates: alternates.slice(0, 1) }, secret);
    expect(await problem(book.update("main", { alternates }))).toBe("secret-must-be-entered");
    const entered: Secret = { kind: "password", password: "second password" };
    const after = await book.update("main", { alternates }, entered);
    expect(after.alternates).toEqual([
      { host: "smtp.example.com", port: 587, security: "starttls" },
      { host: "backup.example.net", port: 465, security: "tls" },
    ]);
    const turned = await book.update("main", { alternates: alternates.toReversed() });
    expect(turned.alternates?.[0]?.host).toBe("backup.example.net");
    expect((await book.update("main", { alternates: [] })).alternates).toEqual([]);
    expect((await book.update("main", { alternates: null })).alternates).toBeNull();
    expect(book.secret("main")).toEqual(entered);
  });

  test("to the alternates in storage: one put there by another hand leaves the secret shut", async () => {
    const [documents, vault] = [memoryDocuments(), testVault()];
    await (await testBook(documents, vault)).add({ ...input, alternates }, secret);
    const body = await documents.get("account", "main");
    await documents.put("account", "main", body!.replace("backup.example.net", "evil.example.com"));
    const book = await testBook(documents, vault);
    expect(() => book.secret("main")).toThrow("must be entered again");
  });

  test("alternates stay when something else changes, and go with the host that they are ways to", async () => {
    const book = await testBook();
    const unusual = { host: "odd.example.com", port: 465, security: "starttls", unusualPort: true } as const;
    await book.add({ ...input, alternates: [...alternates, unusual] }, secret);
    expect((await book.update("main", { from: "team@example.com" })).alternates).toHaveLength(3);
    const moved = await book.update("main", { host: "new.example.com" }, secret);
    expect(moved.alternates).toBeNull();
  });

  test("what was sealed before there were alternates, limits and policies still opens", async () => {
    const [documents, vault] = [memoryDocuments(), testVault()];
    await (await testBook(documents, vault)).add(input, secret);
    const stored = JSON.parse((await documents.get("account", "main"))!);
    const { alternates: _a, limits: _l, senderPolicy: _s, ...account } = stored.account;
    await documents.put("account", "main", JSON.stringify({ ...stored, account }));
    const book = await testBook(documents, vault);
    expect(book.get("main")).toMatchObject({ alternates: null, limits: {}, senderPolicy: null });
    expect(book.secret("main")).toEqual(secret);
    expect((await book.declare(input, secret)).createdAt).toBe(account.createdAt);
  });

  test("a proxy's password goes to no other proxy", async () => {
    const book = await testBook();
    const proxy = { kind: "socks5", host: "p.example.com", port: 1080, username: "p" } as const;
    await book.add({ ...input, proxy }, { ...secret, proxyPassword: "hidden" });
    expect(await problem(book.update("main", { proxy: { ...proxy, host: "q.example.com" } }))).toBe(
      "secret-must-be-entered",
    );
  });

  test("an account without sign-in has nothing to enter again", async () => {
    const book = await testBook();
    await book.add({ name: "local", host: "127.0.0.1", port: 2526, security: "none" });
    expect((await book.update("local", { port: 2527 })).endpoint.port).toBe(2527);
  });
});

describe("the limits of an account", () => {
  test("change one by one, and stay when something else changes", async () => {
    const [documents, vault] = [memoryDocuments(), testVault()];
    const book = await testBook(documents, vault);
    await book.add({ ...input, limits: { perDay: 100, perMinute: 10 } }, secret);
    await book.update("main", { limits: { perDay: null, perMinute: undefined, connections: 2 } });
    await book.update("main", { from: "team@example.com" });
    const limits = { perDay: null, perMinute: 10, connections: 2 };
    expect((await testBook(documents, vault)).get("main").limits).toEqual(limits);
    await book.update("main", { limits: { perDay: "provider" } });
    expect(book.get("main").limits).toEqual({ perMinute: 10, connections: 2 });
    expect(await problem(book.update("main", { limits: { perDay: -1 } }))).toBe("bad-limit");
    await book.update("main", { limits: null, senderPolicy: "refuse" });
    expect(book.get("main")).toMatchObject({ limits: {}, senderPolicy: "refuse" });
    expect((await book.update("main", { senderPolicy: null })).senderPolicy).toBeNull();
  });
});

describe("a declared account", () => {
  const tokens = (refreshToken: string): Secret => ({
    kind: "oauth2",
    clientId: "c",
    refreshToken,
    tokenEndpoint: "https://t.example/token",
    scopes: [],
  });

  test("is added, then left alone while nothing differs, though it is parked", async () => {
    const book = await testBook();
    await book.declare(input, secret);
    await book.park("main", verdict);
    const changes: AccountChange[] = [];
    book.onChange((change) => changes.push(change));
    expect((await book.declare(input, secret)).parked).not.toBeNull();
    expect(changes).toEqual([]);
  });

  test("is changed when its settings or its secret differ", async () => {
    const book = await testBook();
    await book.declare(input, secret);
    expect((await book.declare({ ...input, port: 2465, security: "tls" }, secret)).endpoint.port).toBe(2465);
    await book.park("main", verdict);
    const mended = await book.declare(
      { ...input, port: 2465, security: "tls" },
      { kind: "password", password: "new" },
    );
    expect(mended.parked).toBeNull();
  });

  test("loses what is no longer declared, and is then left alone", async () => {
    const book = await testBook();
    const more = { limits: { perDay: 7 }, alternates: [{ host: "b.example" }], serverName: "c.example" };
    await book.declare({ ...input, ...more }, secret);
    expect(await book.declare(input, secret)).toMatchObject({
      limits: {},
      alternates: null,
      serverName: null,
    });
    const changes: AccountChange[] = [];
    book.onChange((change) => changes.push(change));
    await book.declare(input, secret);
    expect(changes).toEqual([]);
  });

  test("keeps a refresh token that the provider has replaced, until another one is declared", async () => {
    const book = await testBook();
    await book.declare(input, tokens("one"));
    await book.renewSecret("main", tokens("one"), {
      ...(tokens("two") as Extract<Secret, { kind: "oauth2" }>),
      enteredRefreshToken: "one",
    });
    await book.declare(input, tokens("one"));
    expect(book.secret("main")).toMatchObject({ refreshToken: "two" });
    await book.declare(input, tokens("three"));
    expect(book.secret("main")).toEqual(tokens("three"));
  });
});

describe("an account at fault", () => {
  test("is parked once, keeps its first verdict over a restart, and is resumed", async () => {
    const [documents, vault] = [memoryDocuments(), testVault()];
    const book = await testBook(documents, vault);
    await book.add(input, secret);
    expect(
      await Promise.all([book.park("main", verdict), book.park("main", { ...verdict, message: "later" })]),
    ).toEqual([true, false]);
    expect((await testBook(documents, vault)).get("main").parked).toEqual({ at: 1_000, verdict });
    expect(await book.resume("main")).toBe(true);
    expect(await book.resume("main")).toBe(false);
    expect(book.get("main").parked).toBeNull();
    expect(book.secret("main")).toEqual(secret);
  });

  test("stays parked when only its limits change", async () => {
    const book = await testBook();
    await book.add(input, secret);
    await book.park("main", verdict);
    expect((await book.update("main", { limits: { perDay: 5 } })).parked).toEqual({ at: 1_000, verdict });
    expect((await book.update("main", { from: "team@example.com" })).parked).toBeNull();
  });

  test("goes again when it is mended", async () => {
    const book = await testBook();
    await book.add(input, secret);
    await book.park("main", verdict);
    expect((await book.update("main", {}, { kind: "password", password: "right" })).parked).toBeNull();
  });

  test("every change is told, with what was before", async () => {
    const book = await testBook();
    const seen: AccountChange[] = [];
    const stop = book.onChange((change) => seen.push(change));
    await book.add(input, secret);
    await book.park("main", verdict);
    await book.update("main", {}, { kind: "password", password: "right" });
    await book.remove("main");
    stop();
    await book.add(input, secret);
    const told = (account: Account | null) =>
      account === null ? "gone" : account.parked === null ? "fine" : "parked";
    expect(seen.map((each) => [told(each.before), told(each.after), each.secretChanged])).toEqual([
      ["gone", "fine", true],
      ["fine", "parked", false],
      ["parked", "fine", true],
      ["fine", "gone", true],
    ]);
  });
});

describe("the default account", () => {
  test("is the sandbox until somebody chooses, and again when the chosen one is gone", async () => {
    const [documents, vault] = [memoryDocuments(), testVault()];
    const book = await testBook(documents, vault);
    expect(book.default()).toBeNull();
    await book.add(input, secret);
    expect(book.default()?.name).toBe("main");
    await book.add({ name: "sandbox", host: "127.0.0.1", port: 2526, security: "none" });
    expect(book.default()?.name).toBe("sandbox");
    await book.setDefault("main");
    expect((await testBook(documents, vault)).default()?.name).toBe("main");
    await book.remove("main");
    expect(book.default()?.name).toBe("sandbox");
    expect(await problem(book.setDefault("nobody"))).toBe("unknown-account");
  });
});

test("rotation seals every secret again with the first key, and then the former key is not needed", async () => {
  const documents = memoryDocuments();
  const former = { id: "0".repeat(12), key: new Uint8Array(32).fill(1) };
  const today = { id: "1".repeat(12), key: new Uint8Array(32).fill(2) };
  const names = ["one", "two", "three"];
  const before: AccountBook = await testBook(documents, new Vault([former], "here"));
  for (const name of names) await before.add({ ...input, name }, secret);
  const during = await testBook(documents, new Vault([today, former], "here"));
  expect(await during.rotate()).toBe(3);
  expect(await during.rotate()).toBe(0);
  const after = await testBook(documents, new Vault([today], "here"));
  for (const name of names) expect(after.secret(name)).toEqual(secret);
});
