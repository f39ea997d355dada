// Several processes sign in to one account: its token endpoint is asked once, and no refresh token is used twice.
// RFC 9700 §4.14.2: a rotated refresh token that comes again is taken for stolen, and the whole sign-in is revoked.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Documents, StoreError } from "../queue/store.ts";
import type { Secret } from "./account.ts";
import { AccountBook } from "./accounts.ts";
import { CredentialSource } from "./credentials.ts";
import { SignInFailure } from "./signin.ts";
import { memoryDocuments, testVault } from "./testing.ts";

/** Rotates: every refresh token is good once; one that comes again revokes them all. */
class RotatingEndpoint {
  requests = 0;
  revoked = false;
  /** Answers wait for this. */
  gate: Promise<void> = Promise.resolve();
  readonly #server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    this.requests += 1;
    const number = Number(new URLSearchParams(body).get("refresh_token")?.slice("refresh-".length));
    await this.gate;
    if (number !== this.#good) this.revoked = true;
    const answer = this.revoked
      ? { error: "invalid_grant" }
      : {
          access_token: `access-${this.#good}`,
          refresh_token: `refresh-${++this.#good}`,
          token_type: "Bearer",
          expires_in: 3600,
        };
    response
      .writeHead(this.revoked ? 400 : 200, { "content-type": "application/json" })
      .end(JSON.stringify(answer));
  });
  #good = 0;

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const vault = testVault();
const account = { name: "mail" };
const input = { name: "mail", host: "smtp.example.com", port: 587, username: "ann@example.com" };
let endpoint: RotatingEndpoint;
let tokenEndpoint: string;
let now: number;

const entered = (refreshToken = "refresh-0"): Secret => ({
  kind: "oauth2",
  clientId: "the-client",
  refreshToken,
  tokenEndpoint,
  scopes: ["https://mail.example/send"],
});

beforeEach(async () => {
  endpoint = new RotatingEndpoint();
  tokenEndpoint = await endpoint.listen();
  now = 1_000_000;
});
afterEach(() => endpoint.close());

/** A process: its book, and what it signs in with. */
async function running(documents: Documents, { shared = true, timeoutMs = 30_000 } = {}) {
  const accounts = await AccountBook.open({ documents, vault, shared, now: () => now });
  return { accounts, source: new CredentialSource({ accounts, now: () => now, timeoutMs }) };
}

/** `count` processes with the account, none of which hears what another writes. */
async function cluster(count: number, documents = memoryDocuments()) {
  const { accounts } = await running(documents);
  await accounts.add(input, entered());
  return Promise.all(Array.from({ length: count }, () => running(documents)));
}

test("four processes ask once, and all sign in with the one token", async () => {
  const documents = memoryDocuments();
  let looks = 0;
  const watched: Documents = {
    ...documents,
    get: (kind, name) => {
      if (kind === "token") looks += 1;
      return documents.get(kind, name);
    },
  };
  const processes = await cluster(4, watched);
  const gate = Promise.withResolvers<void>();
  endpoint.gate = gate.promise;
  const first = processes[0]!.source.credentials(account);
  await expect.poll(() => endpoint.requests).toBe(1);
  looks = 0;
  const others = processes.slice(1).map(({ source }) => source.credentials(account));
  // Each has found the first one at it, and looks again.
  await expect.poll(() => looks).toBeGreaterThan(others.length);
  gate.resolve();
  const all = await Promise.all([first, ...others]);
  expect(all).toEqual(all.map(() => ({ username: "ann@example.com", accessToken: "access-0" })));
  expect(endpoint.requests).toBe(1);
});

test("after its end whoever comes first gets the next, with the refresh token that another was given", async () => {
  const [one, other, third] = await cluster(3);
  await one!.source.credentials(account);
  await other!.source.credentials(account);
  now += 3_600_000;
  expect(await other!.source.credentials(account)).toMatchObject({ accessToken: "access-1" });
  expect(await one!.source.credentials(account)).toMatchObject({ accessToken: "access-1" });
  now += 3_600_000;
  expect(await third!.source.credentials(account)).toMatchObject({ accessToken: "access-2" });
  expect(endpoint).toMatchObject({ requests: 3, revoked: false });
});

test("a token that a server refused is not taken again, and the better one of another process is", async () => {
  const [one, other] = await cluster(2);
  await one!.source.credentials(account);
  await other!.source.credentials(account);
  one!.source.forget("mail");
  expect(await one!.source.credentials(account)).toMatchObject({ accessToken: "access-1" });
  other!.source.forget("mail");
  expect(await other!.source.credentials(account)).toMatchObject({ accessToken: "access-1" });
  expect(endpoint.requests).toBe(2);
});

test("another secret means another token, also where it is not known yet that it was entered", async () => {
  const [one, other] = await cluster(2);
  await one!.source.credentials(account);
  await one!.accounts.update("mail", {}, {
    ...entered(),
    refreshToken: "refresh-1",
    clientId: "other",
  } as Secret);
  // The other process still has the old secret in memory; a token of the new one is not for it.
  expect(await one!.source.credentials(account)).toMatchObject({ accessToken: "access-1" });
  expect(await other!.source.credentials(account)).toMatchObject({ accessToken: "access-2" });
  expect(endpoint.revoked).toBe(false);
});

test("a process that died while it asked is waited for until its lease ends, and then no more", async () => {
  const documents = memoryDocuments();
  const [dead, other] = await cluster(2, documents);
  endpoint.gate = new Promise(() => undefined);
  void dead!.source.credentials(account).catch(() => undefined);
  await expect.poll(() => endpoint.requests).toBe(1);
  const impatient = await running(documents, { timeoutMs: 1 });
  const failed = await impatient.source.credentials(account).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(SignInFailure);
  expect((failed as SignInFailure).verdict.cause).toBe("auth.oauth-unreachable");
  expect(endpoint.requests).toBe(1);
  now += 90_001;
  endpoint.gate = Promise.resolve();
  expect(await other!.source.credentials(account)).toMatchObject({ accessToken: "access-0" });
});

test("where one process has the storage to itself, a restart waits for nobody and asks for nothing anew", async () => {
  const documents = memoryDocuments();
  const [first] = await cluster(1, documents);
  await first!.source.credentials(account);
  const again = await running(documents, { shared: false });
  expect(await again.source.credentials(account)).toMatchObject({ accessToken: "access-0" });
  expect(endpoint.requests).toBe(1);

  now += 3_600_000;
  endpoint.gate = new Promise(() => undefined);
  void again.source.credentials(account).catch(() => undefined);
  await expect.poll(() => endpoint.requests).toBe(2);
  endpoint.gate = Promise.resolve();
  const third = await running(documents, { shared: false });
  expect(await third.source.credentials(account)).toMatchObject({ accessToken: "access-1" });
});

test("what the endpoint refuses lets others try at once", async () => {
  const [one, other] = await cluster(2);
  endpoint.revoked = true;
  for (const { source } of [one!, other!])
    await expect(source.credentials(account)).rejects.toBeInstanceOf(SignInFailure);
  expect(endpoint.requests).toBe(2);
});

test("a new refresh token is stored though the database fails over just then", async () => {
  const documents = memoryDocuments();
  let refusals = 0;
  const failing: Documents = {
    ...documents,
    replace: async (kind, ...rest) => {
      if (kind === "account" && refusals++ < 2) throw new StoreError("unreachable", "it is failing over");
      return documents.replace(kind, ...rest);
    },
  };
  await (await running(documents)).accounts.add(input, entered());
  const one = await running(failing);
  expect(await one.source.credentials(account)).toMatchObject({ accessToken: "access-0" });
  const other = await running(documents);
  expect(other.accounts.secret("mail")).toMatchObject({
    refreshToken: "refresh-1",
    enteredRefreshToken: "refresh-0",
  });
});

test("a kept token is sealed, and goes with its account", async () => {
  const documents = memoryDocuments();
  const [one] = await cluster(1, documents);
  await one!.source.credentials(account);
  const kept = await documents.get("token", "mail");
  expect(kept).not.toContain("access-0");
  expect(JSON.parse(kept!).sealed).toMatch(/^v1\./);
  await one!.accounts.remove("mail");
  expect(await documents.get("token", "mail")).toBeNull();
});
