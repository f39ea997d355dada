import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Secret } from "./account.ts";
import type { AccountBook } from "./accounts.ts";
import { CredentialSource } from "./credentials.ts";
import { type DevicePrompt, deviceLogin, SignInFailure } from "./signin.ts";
import { testBook } from "./testing.ts";

/** A token endpoint on loopback; each request is answered by the next of `answers`, the last one again and again. */
class TokenServer {
  readonly requests: URLSearchParams[] = [];
  answers: ((request: URLSearchParams, response: ServerResponse) => void)[] = [];
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += chunk;
    const parameters = new URLSearchParams(body);
    this.requests.push(parameters);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    answer?.(parameters, response);
  }
}

const json = (status: number, body: unknown) => (_: URLSearchParams, response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};
const token = (name: string, more: object = {}) =>
  json(200, { access_token: name, token_type: "Bearer", expires_in: 3600, ...more });

const server = () => new TokenServer();
let tokens: TokenServer;
let book: AccountBook;
let source: CredentialSource;
let now: number;

const oauth2 = (more: Partial<Extract<Secret, { kind: "oauth2" }>> = {}): Secret => ({
  kind: "oauth2",
  clientId: "the-client",
  refreshToken: "refresh-token-one",
  tokenEndpoint: `${tokens.origin}/token`,
  scopes: ["https://mail.example/send", "offline_access"],
  ...more,
});
const account = { name: "mail" };
const input = { name: "mail", host: "smtp.example.com", port: 587, username: "ann@example.com" };

beforeEach(async () => {
  tokens = server();
  await tokens.listen();
  now = 1_000_000;
  book = await testBook();
  source = new CredentialSource({ accounts: book, now: () => now });
});
afterEach(async () => {
  source.close();
  await tokens.close();
});

async function failure(action: Promise<unknown>): Promise<SignInFailure> {
  try {
    await action;
  } catch (error) {
    if (error instanceof SignInFailure) return error;
    throw error;
  }
  throw new Error("no failure");
}

describe("a password", () => {
  test("is given with its username, and nothing for a server without sign-in", async () => {
    await book.add(input, { kind: "password", password: "p" });
    expect(await source.credentials(account)).toEqual({ username: "ann@example.com", password: "p" });
    await book.add({ name: "open", host: "127.0.0.1", port: 2526, security: "none" });
    expect(await source.credentials({ name: "open" })).toBeNull();
  });

  test("of the proxy joins its setting", async () => {
    const proxy = { kind: "http", host: "p.example.com", port: 3128, username: "u" } as const;
    await book.add({ ...input, proxy }, { kind: "password", password: "p", proxyPassword: "q" });
    expect(source.proxy(account)).toEqual({ ...proxy, password: "q" });
  });
});

describe("an access token", () => {
  test("is got with the refresh token, kept until a minute before its end, then got again", async () => {
    await book.add(input, oauth2({ clientSecret: "s3" }));
    tokens.answers = [token("access-1"), token("access-2")];
    expect(await source.credentials(account)).toEqual({
      username: "ann@example.com",
      accessToken: "access-1",
    });
    expect(Object.fromEntries(tokens.requests[0]!)).toEqual({
      grant_type: "refresh_token",
      refresh_token: "refresh-token-one",
      client_id: "the-client",
      client_secret: "s3",
      scope: "https://mail.example/send offline_access",
    });
    now += 3_539_000;
    expect(await source.credentials(account)).toMatchObject({ accessToken: "access-1" });
    now += 2_000;
    expect(await source.credentials(account)).toMatchObject({ accessToken: "access-2" });
    expect(tokens.requests).toHaveLength(2);
  });

  test("is asked for once, however many want it", async () => {
    await book.add(input, oauth2());
    tokens.answers = [token("access-1")];
    const all = await Promise.all(Array.from({ length: 20 }, () => source.credentials(account)));
    expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(tokens.requests).toHaveLength(1);
  });

  test("is got anew after a server refused it, and after another secret was entered", async () => {
    await book.add(input, oauth2());
    tokens.answers = [token("access-1"), token("access-2"), token("access-3")];
    await source.credentials(account);
    source.forget("mail");
    expect(await source.credentials(account)).toMatchObject({ accessToken: "access-2" });
    await book.update("mail", {}, oauth2({ refreshToken: "refresh-token-two" }));
    expect(await source.credentials(account)).toMatchObject({ accessToken: "access-3" });
    expect(tokens.requests[2]!.get("refresh_token")).toBe("refresh-token-two");
  });

  test("comes with a new refresh token, which is stored for the next time", async () => {
    await book.add(input, oauth2());
    tokens.answers = [token("access-1", { refresh_token: "refresh-token-new" }), token("access-2")];
    await source.credentials(account);
    const enteredRefreshToken = "refresh-token-one";
    expect(book.secret("mail")).toEqual(oauth2({ refreshToken: "refresh-token-new", enteredRefreshToken }));
    now += 3_600_000;
    await source.credentials(account);
    expect(tokens.requests[1]!.get("refresh_token")).toBe("refresh-token-new");
  });

  test("a secret entered while a token is on its way is not overwritten by it", async () => {
    await book.add(input, oauth2());
    const entered = oauth2({ refreshToken: "refresh-token-entered" });
    tokens.answers = [
      (request, response) => {
        void book
          .update("mail", {}, entered)
          .then(() => token("access-old", { refresh_token: "refresh-token-late" })(request, response));
      },
      token("access-new"),
    ];
    await source.credentials(account);
    expect(book.secret("mail")).toEqual(entered);
    expect(await source.credentials(account)).toMatchObject({ accessToken: "access-new" });
  });
});

describe("no access token", () => {
  test.each([
    "invalid_grant",
    "invalid_client",
    "unauthorized_client",
    "invalid_scope",
  ])("because of %s is the account's fault", async (error) => {
    await book.add(input, oauth2());
    tokens.answers = [
      json(error === "invalid_client" ? 401 : 400, { error, error_description: "Token was revoked." }),
    ];
    const { verdict, facts } = await failure(source.credentials(account));
    expect(verdict).toMatchObject({
      stage: "auth",
      scope: "account",
      retry: "config",
      certainty: "not-accepted",
      cause: "auth.oauth-token-refused",
      code: error,
    });
    expect(verdict.message).toContain("Token was revoked.");
    expect(facts.stage).toBe("auth");
  });

  test.each<[string, (request: URLSearchParams, response: ServerResponse) => void]>([
    ["a server in trouble", json(503, { error: "temporarily_unavailable" })],
    ["too many requests", json(429, { error: "invalid_request" })],
    [
      "a page in place of an answer",
      (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    ],
    ["a connection cut", (_, response) => void response.destroy()],
    ["an answer without a token", json(200, { token_type: "Bearer" })],
  ])("because of %s passes, and nobody's account is at fault", async (_, answer) => {
    await book.add(input, oauth2());
    tokens.answers = [answer];
    const { verdict } = await failure(source.credentials(account));
    expect(verdict).toMatchObject({ scope: "endpoint", retry: "transient", cause: "auth.oauth-unreachable" });
    tokens.answers = [token("access-1")];
    expect(await source.credentials(account)).toMatchObject({ accessToken: "access-1" });
  });

  test("because nobody listens says so by the system's code", async () => {
    await book.add(input, oauth2());
    await tokens.close();
    const { verdict } = await failure(source.credentials(account));
    expect(verdict).toMatchObject({ scope: "endpoint", code: "ECONNREFUSED" });
    tokens = server();
    await tokens.listen();
  });

  test("because the answer does not come ends after the time set", async () => {
    await book.add(input, oauth2());
    tokens.answers = [() => undefined];
    const impatient = new CredentialSource({ accounts: book, now: () => now, timeoutMs: 50 });
    const { verdict } = await failure(impatient.credentials(account));
    expect(verdict).toMatchObject({ scope: "endpoint", code: "OAUTH_TIMEOUT" });
    impatient.close();
  });

  test("shows no token, though the server repeats it", async () => {
    const long = "0.AAAA1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
    await book.add(
      input,
      oauth2({ refreshToken: long, clientSecret: "client-secret-0123456789-0123456789-0123456789" }),
    );
    tokens.answers = [
      (request, response) =>
        json(400, {
          error: "invalid_grant",
          error_description: `bad ${request.get("refresh_token")} ${request.get("client_secret")}`,
        })(request, response),
    ];
    const error = await failure(source.credentials(account));
    const shown = [error.message, error.stack, JSON.stringify(error), JSON.stringify(error.verdict)].join(
      "\n",
    );
    expect(shown).not.toContain(long);
    expect(shown).not.toContain("client-secret");
  });
});

describe("signing in on another device", () => {
  const device = (more: object = {}) =>
    json(200, {
      device_code: "device-code",
      user_code: "ABCD-EFGH",
      verification_uri: "https://login.example/device",
      expires_in: 900,
      interval: 0.01,
      ...more,
    });
  const login = (onPrompt: (prompt: DevicePrompt) => void = () => undefined) =>
    deviceLogin({
      oauth2: {
        token: `${tokens.origin}/token`,
        device: `${tokens.origin}/device`,
        scopes: ["send", "offline_access"],
      },
      clientId: "the-client",
      onPrompt,
    });

  test("shows the code, waits for the person, and yields what the vault keeps", async () => {
    tokens.answers = [
      device(),
      json(400, { error: "authorization_pending" }),
      token("access-1", { refresh_token: "refresh-1" }),
    ];
    const prompts: DevicePrompt[] = [];
    expect(await login((prompt) => prompts.push(prompt))).toEqual({
      kind: "oauth2",
      clientId: "the-client",
      refreshToken: "refresh-1",
      tokenEndpoint: `${tokens.origin}/token`,
      scopes: ["send", "offline_access"],
    });
    expect(prompts).toEqual([
      {
        verificationUri: "https://login.example/device",
        verificationUriComplete: null,
        userCode: "ABCD-EFGH",
        lifetimeMs: 900_000,
      },
    ]);
    expect(tokens.requests[0]!.get("scope")).toBe("send offline_access");
    expect(tokens.requests).toHaveLength(3);
  });

  test.each(["access_denied", "expired_token"])("ends with %s as the server says", async (error) => {
    tokens.answers = [device(), json(400, { error })];
    expect((await failure(login())).verdict).toMatchObject({ scope: "account", code: error });
  });

  test("without a refresh token would not last, so it is refused", async () => {
    tokens.answers = [device(), token("access-1")];
    expect((await failure(login())).verdict.code).toBe("no_refresh_token");
  });
});
