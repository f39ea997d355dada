// What the catalogue promises, tried against a stand-in of each provider: settings, sign-in, sending, refusals.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauseId, isCauseId } from "../src/causes/book.ts";
import { judge } from "../src/causes/judge.ts";
import { provider as entry, providers } from "../src/providers/catalogue.ts";
import type { Provider, ProviderEndpoint } from "../src/providers/provider.ts";
import { Catcher } from "../src/sandbox/catcher.ts";
import { type Authority, makeAuthority } from "../src/sandbox/certificates.ts";
import { demoCredentials } from "../src/sandbox/demo.ts";
import { type Replica, type ReplicaOptions, startReplica } from "../src/sandbox/replica.ts";
import { type Credentials, connect, type SendResult, SmtpFailure } from "../src/smtp/client.ts";

/** The providers whose settings people look for most. */
const ten = ["sendgrid", "gmail", "outlook", "hotmail", "yahoo", "icloud", "zoho", "qq", "163", "aliyun"];

let authority: Authority;
let catcher: Catcher;
const replicas: Replica[] = [];

beforeAll(async () => {
  authority = await makeAuthority();
  catcher = new Catcher();
});

afterAll(async () => {
  for (const replica of replicas) await replica.close();
  catcher.close();
});

async function standIn(id: string, options: Partial<ReplicaOptions> = {}): Promise<Replica> {
  const replica = await startReplica({ provider: id, authority, catcher, ...options });
  replicas.push(replica);
  return replica;
}

/** Connects as a person's settings would have it: by the provider's own host name, at the replica's port. */
function reach(replica: Replica, endpoint: ProviderEndpoint, credentials: Credentials) {
  const listener = replica.endpoints.find((one) => one.security === endpoint.security);
  if (listener === undefined) throw new Error(`the replica has no ${endpoint.security} listener`);
  return connect({
    endpoint: { host: endpoint.host, port: listener.port, security: endpoint.security },
    credentials,
    ca: [authority.certPem],
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
  });
}

/** The ways in which the account can sign in. */
function signIns(provider: Provider): readonly (readonly [string, Credentials])[] {
  const { username, secret, accessToken } = demoCredentials(provider);
  return [
    ...(secret === null ? [] : [["secret", { username, password: secret }] as const]),
    ...(accessToken === null ? [] : [["access token", { username, accessToken }] as const]),
  ];
}

function content(from: string): Buffer {
  return Buffer.from(
    `From: <${from}>\r\nTo: <friend@example.org>\r\nSubject: table\r\n\r\n.A line, 你好.\r\n`,
  );
}

async function send(replica: Replica, from: string): Promise<SendResult> {
  const [signIn] = signIns(replica.provider);
  const endpoint = replica.provider.endpoints.find((one) => one.security !== "none");
  const connection = await reach(replica, endpoint!, signIn![1]);
  try {
    return await connection.send({ from, to: [{ address: "friend@example.org" }] }, content(from));
  } finally {
    await connection.quit();
  }
}

async function failureOf(work: Promise<unknown>): Promise<SmtpFailure> {
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof SmtpFailure)) throw new Error(`no failure of SMTP: ${failure}`);
  return failure;
}

function refusalOf(result: SendResult): SmtpFailure {
  const [recipient] = result.recipients;
  if (recipient === undefined || recipient.ok) throw new Error("the message was accepted");
  return recipient.failure;
}

const wrongSecret: Readonly<Record<string, CauseId>> = {
  gmail: "auth.app-password-required",
  outlook: "auth.basic-auth-disabled",
  hotmail: "auth.basic-auth-disabled",
  qq: "auth.authorization-code-required",
};

describe.each(ten)("%s", (id) => {
  const provider = entry(id);
  const { from, username } = demoCredentials(provider);
  const encrypted = provider.endpoints.filter((one) => one.security !== "none");
  let replica: Replica;
  beforeAll(async () => {
    replica = await standIn(id);
  });

  it("settings resolve to endpoints, a user name and a secret that are each explained", () => {
    expect(provider.endpoints.length).toBeGreaterThan(0);
    for (const text of [provider.username.text, provider.secret.text, provider.secret.obtain.path]) {
      expect(text.en).not.toBe("");
      expect(text.zh).not.toBe("");
    }
  });

  describe.each(
    encrypted.map((one) => [`${one.host}:${one.port} ${one.security}`, one] as const),
  )("%s", (_, endpoint) => {
    it.each(signIns(provider))("connects, signs in by %s and sends", async (_way, credentials) => {
      const connection = await reach(replica, endpoint, credentials);
      const before = catcher.list(1)[0]?.id ?? "0";
      const result = await connection.send({ from, to: [{ address: "friend@example.org" }] }, content(from));
      await connection.quit();
      expect(result.recipients).toMatchObject([{ ok: true, reply: { code: 250 } }]);
      const caught = await catcher.next({ after: before });
      expect(caught.envelope).toEqual({ from, to: ["friend@example.org"] });
      expect(catcher.source(caught.id)?.equals(content(from))).toBe(true);
    });

    it("refuses a wrong secret, and the cause is the account's", async () => {
      const failure = await failureOf(reach(replica, endpoint, { username, password: "Not The Secret 1" }));
      const verdict = judge(failure, { provider, username });
      expect(verdict).toMatchObject({
        stage: "auth",
        scope: "account",
        cause: wrongSecret[id] ?? "auth.bad-credentials",
      });
    });
  });

  if (signIns(provider).some(([way]) => way === "access token")) {
    it("refuses a wrong access token", async () => {
      const failure = await failureOf(reach(replica, encrypted[0]!, { username, accessToken: "stale" }));
      expect(judge(failure, { provider, username })).toMatchObject({ stage: "auth", scope: "account" });
    });
  }

  if (provider.endpoints.some((one) => one.security === "none")) {
    it("is not given a secret in clear, though it would take it", async () => {
      const endpoint = provider.endpoints.find((one) => one.security === "none")!;
      const failure = await failureOf(reach(replica, endpoint, signIns(provider)[0]![1]));
      expect(failure.facts.code).toBe("SECRET_IN_CLEAR");
      expect(replica.counts.signIns + replica.counts.signInFailures).toBeGreaterThan(0);
    });
  }

  if (provider.sender.rule === "rewritten") {
    it("replaces a foreign sender and says nothing", async () => {
      const before = catcher.list(1)[0]?.id ?? "0";
      const result = await send(replica, "other@elsewhere.example");
      expect(result.recipients).toMatchObject([{ ok: true }]);
      const caught = await catcher.next({ after: before });
      const source = catcher.source(caught.id)?.toString();
      expect(source).toContain(`From: ${from}\r\n`);
      expect(source).not.toMatch(/^From: .*other@elsewhere/m);
    });
  } else {
    it("refuses a foreign sender, and the cause says so", async () => {
      const sender = "other@elsewhere.example";
      const verdict = judge(refusalOf(await send(replica, sender)), { provider, username, from, sender });
      const verified = provider.sender.rule === "verified-identity";
      expect(verdict.cause).toBe(verified ? "envelope.sender-not-verified" : "envelope.sender-not-owned");
      expect(verdict.certainty).toBe("not-accepted");
      const own = judge(refusalOf(await send(replica, sender)), {
        provider,
        username: sender,
        from: sender,
        sender,
      });
      expect(own.scope, "an account that may not send as itself is the account's fault").toBe("account");
    });
  }
});

describe("every provider of the catalogue", () => {
  it.each(
    providers.map((one) => one.id),
  )("%s stands in: signs in, sends and refuses a wrong secret", async (id) => {
    const replica = await standIn(id);
    const { provider, credentials } = replica;
    const listener = replica.endpoints[0]!;
    const to = (secret: Credentials) =>
      connect({
        endpoint: { host: "127.0.0.1", port: listener.port, security: listener.security },
        credentials: secret,
        ca: [authority.certPem],
      });
    const connection = await to(signIns(provider)[0]![1]);
    const result = await connection.send(
      { from: credentials.from, to: [{ address: "friend@example.org" }] },
      content(credentials.from),
    );
    await connection.quit();
    expect(result.recipients).toMatchObject([{ ok: true }]);
    const failure = await failureOf(to({ username: credentials.username, password: "Not The Secret 1" }));
    expect(judge(failure, { provider }).scope).toBe("account");
    await replica.close();
  });

  it("names only causes that the book has", () => {
    for (const provider of providers)
      for (const reply of provider.replies) expect(isCauseId(reply.cause)).toBe(true);
  });
});
