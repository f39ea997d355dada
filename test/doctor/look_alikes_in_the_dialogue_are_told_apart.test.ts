// The doctor's walk to replicas of real providers: the healthy ones give no cause, and look-alikes are told apart.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { settingToExamine } from "../../src/doctor/setting.ts";
import type { Setting } from "../../src/doctor/test.ts";
import { visit } from "../../src/doctor/walk/walk.fixture.ts";
import { type Authority, makeAuthority } from "../../src/sandbox/certificates.ts";
import { type Replica, type ReplicaOptions, startReplica } from "../../src/sandbox/replica.ts";

let authority: Authority;
beforeAll(async () => {
  authority = await makeAuthority();
});

const open: Replica[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((replica) => replica.close()));
});

async function start(provider: string, more: Partial<ReplicaOptions> = {}): Promise<Replica> {
  const replica = await startReplica({ authority, catcher: null, provider, ...more });
  open.push(replica);
  return replica;
}

interface Typed {
  readonly password?: string;
  readonly from?: string;
  readonly username?: string;
}

function settingFor({ provider, endpoints, credentials }: Replica, typed: Typed = {}): Setting {
  const [{ host, port, security }] = endpoints as readonly [Replica["endpoints"][number]];
  const { username, secret, accessToken, from } = credentials;
  const fields = { provider: provider.id, host, port, security, username, from, ca: [authority.certPem] };
  const { password = secret, ...rest } = typed;
  const proof = password === null ? { accessToken: accessToken ?? "" } : { password };
  return settingToExamine({ ...fields, ...rest }, proof);
}

describe("a healthy account", () => {
  const healthy = [
    "gmail",
    "qq",
    "163",
    "outlook",
    "yahoo",
    "icloud",
    "zoho",
    "sendgrid",
    "amazon-ses",
    "mailgun",
  ];
  test.each([
    ...healthy,
    "microsoft-365",
    "fastmail",
    "mailtrap-sandbox",
  ])("at %s has no cause", async (id) => {
    const replica = await start(id);
    const { verdict, cause, findings, walk } = await visit(settingFor(replica), {});
    const wrong = findings.filter(({ status }) => status === "warn" || status === "fail");
    expect({ verdict, cause, wrong }).toEqual({ verdict: "ok", cause: null, wrong: [] });
    expect(walk.signIns.every(({ ok }) => ok)).toBe(true);
    expect(replica.counts).toMatchObject({ messages: 0, signInFailures: 0, signIns: walk.signIns.length });
  });

  test("has every stage told, and its other mechanisms tried on connections of their own", async () => {
    const replica = await start("gmail");
    const { findings, walk } = await visit(settingFor(replica), { to: "friend@example.net" });
    expect(findings.map(({ probe, status }) => `${probe} ${status}`)).toEqual([
      "settings ok",
      "greeting ok",
      "ehlo ok",
      "tls ok",
      "sign-in ok",
      "sender ok",
      "recipient ok",
      "size ok",
      "message ok",
    ]);
    expect(walk.signIns.map(({ mechanism }) => mechanism)).toEqual(["PLAIN", "LOGIN"]);
    expect(replica.counts).toMatchObject({ messages: 1, signIns: 2 });
  });

  test("hides AUTH until TLS, which is no fault", async () => {
    const replica = await start("microsoft-365", { security: "starttls" });
    const { findings, walk } = await visit(settingFor(replica));
    expect(walk.clear?.auth).toEqual([]);
    expect(walk.secured?.auth).not.toEqual([]);
    expect(findings.find(({ probe }) => probe === "ehlo")).toMatchObject({
      status: "ok",
      detail: { en: expect.stringContaining("AUTH only inside TLS") },
    });
  });
});

describe("look-alikes are told apart", () => {
  test.each([
    { at: "gmail", fault: "wrong-password", cause: "auth.bad-credentials" },
    { at: "gmail", fault: "app-password-required", cause: "auth.app-password-required" },
    { at: "gmail", fault: "web-login-required", cause: "auth.web-login-required" },
    { at: "gmail", fault: "too-many-logins", cause: "auth.too-many-logins" },
    { at: "qq", fault: "authorization-code-required", cause: "auth.authorization-code-required" },
    { at: "163", fault: "smtp-disabled", cause: "auth.smtp-service-not-enabled" },
    { at: "163", fault: "wrong-password", cause: "auth.bad-credentials" },
    { at: "microsoft-365", fault: "smtp-disabled", cause: "auth.smtp-auth-disabled-tenant" },
    { at: "microsoft-365", fault: "basic-auth-disabled", cause: "auth.basic-auth-disabled" },
    { at: "microsoft-365", fault: "wrong-password", cause: "auth.bad-credentials" },
  ] as const)("$fault at $at is $cause", async ({ at, fault, cause }) => {
    const replica = await start(at, { fault });
    const met = await visit(settingFor(replica, at === "microsoft-365" ? { password: "demo-secret" } : {}));
    expect(met.cause).toBe(cause);
    expect(met.findings.find((one) => one.cause === cause)).toMatchObject({
      probe: "sign-in",
      status: "fail",
    });
    // One refusal in all, on one connection: more could lock the account.
    expect(met.walk.signIns).toHaveLength(1);
    expect(replica.counts.connections).toBe(1);
  });

  test("a mistyped app password by its form from the account's own password", async () => {
    const mistyped = await start("gmail");
    const one = await visit(settingFor(mistyped, { password: "ponmlkjihgfedcba" }));
    expect(one.cause).toBe("auth.bad-credentials");
    expect(JSON.stringify(one.findings)).toContain("so it is not the account's own password");
    const own = await start("gmail");
    const other = await visit(settingFor(own, { password: "Summer-2026" }));
    expect(other.cause).toBe("auth.app-password-required");
    expect(JSON.stringify(other.findings)).toContain("of 11 characters does not have the form");
    expect(JSON.stringify(other.findings)).not.toContain("Summer-2026");
  });

  test("a sender that is not the account's from a sender that the server refuses whoever it is", async () => {
    const replica = await start("qq");
    const foreign = await visit(settingFor(replica, { from: "boss@qq.com" }));
    expect(foreign.cause).toBe("envelope.sender-not-owned");
    expect(foreign.walk.ownSender).toEqual({ address: replica.credentials.from, accepted: true });
  });

  test.each([
    { at: "gmail", fault: "quota", cause: "envelope.daily-quota" },
    { at: "gmail", fault: "rate-limit", cause: "envelope.rate-limited" },
    { at: "sendgrid", fault: "sender-not-verified", cause: "envelope.sender-not-verified" },
    { at: "gmail", fault: "spam", cause: "data.content-rejected" },
    { at: "gmail", fault: "unauthenticated-sender", cause: "data.unauthenticated-sender" },
    { at: "gmail", fault: "drop-after-dot", cause: "data.connection-lost-after-dot" },
    { at: "zoho", fault: "account-locked", cause: "data.unusual-activity-lock" },
    { at: "gmail", fault: "busy", cause: "banner.421-busy-or-limited" },
    { at: "gmail", fault: "garbage", cause: "banner.other-protocol" },
    { at: "gmail", fault: "certificate-expired", cause: "cert.expired" },
  ] as const)("$fault at $at is $cause with a real message", async ({ at, fault, cause }) => {
    const replica = await start(at, { fault });
    const met = await visit(settingFor(replica), { to: "friend@example.net" });
    expect(met.cause).toBe(cause);
    expect(met.verdict).toBe("failed");
  });

  test("STARTTLS that a great provider always has and that is missing is removed on the way", async () => {
    const replica = await start("gmail", { fault: "starttls-missing", security: "starttls" });
    const met = await visit(settingFor(replica));
    expect(met.cause).toBe("ehlo.starttls-missing");
    expect(JSON.stringify(met.findings)).toContain("something on the way removed it");
    expect(replica.counts.signIns).toBe(0);
  });

  test("a recipient that is not there is only a warning while no message was asked for", async () => {
    const replica = await start("gmail", { fault: "recipient-unknown" });
    expect(await visit(settingFor(replica))).toMatchObject({
      verdict: "degraded",
      cause: "envelope.recipient-unknown",
    });
    expect(await visit(settingFor(replica), { to: "nobody@example.net" })).toMatchObject({
      verdict: "failed",
      cause: "envelope.recipient-unknown",
    });
  });

  test("an address that Gmail would rewrite is taken, and told", async () => {
    const replica = await start("gmail");
    const met = await visit(settingFor(replica, { from: "boss@example.com" }));
    expect(met).toMatchObject({ verdict: "degraded", cause: "delivery.from-rewritten" });
  });
});
