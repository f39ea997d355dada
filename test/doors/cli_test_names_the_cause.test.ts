// `postrider test` walks a setting step by step and names the cause: proven against replicas that run as processes.
import { describe, expect, test } from "vitest";
import { json, postrider, type RunningReplica, replica, towards } from "./processes.ts";

interface TestAnswer {
  readonly ok: boolean;
  readonly cause: string | null;
  readonly scope: string | null;
  readonly stage: string | null;
  readonly remedy: { readonly title: string; readonly steps: readonly string[] } | null;
  readonly steps: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly ms: number;
    readonly detail: string;
  }[];
  readonly transcript: readonly { readonly ms: number; readonly from: string; readonly text: string }[];
}

/** Every form in which a sign-in could carry a secret. */
function formsOf(username: string, secret: string): readonly string[] {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return [
    secret,
    base64(secret),
    base64(`\0${username}\0${secret}`),
    base64(`${username}\0${username}\0${secret}`),
  ];
}

function tell(running: RunningReplica, security: "tls" | "starttls", ...more: readonly string[]) {
  const { flags, env } = towards(running, security);
  return postrider(["test", ...flags, ...more], { env });
}

test("a good setting: every step, no cause, and nothing sent unless asked", { timeout: 90_000 }, async () => {
  const qq = await replica(["--as", "qq"]);
  const walked = await tell(qq, "tls", "--json");
  expect(walked).toMatchObject({ code: 0, err: "" });
  const answer = json<TestAnswer>(walked);
  expect(Object.keys(answer).sort()).toEqual([
    "cause",
    "ok",
    "remedy",
    "scope",
    "stage",
    "steps",
    "transcript",
  ]);
  expect(answer).toMatchObject({ ok: true, cause: null, scope: null, stage: null, remedy: null });
  expect(answer.steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["connect", "tls", "greeting", "ehlo", "auth", "mail", "rcpt"]),
  );
  for (const step of answer.steps) {
    expect(step).toEqual({ name: step.name, ok: true, ms: expect.any(Number), detail: expect.any(String) });
  }
  const said = (one: TestAnswer) =>
    one.transcript.filter(({ from }) => from === "client").map(({ text }) => text.split(" ")[0]);
  expect(said(answer)).toEqual(expect.arrayContaining(["MAIL", "RCPT", "RSET", "QUIT"]));
  expect(said(answer)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(DATA|BDAT)$/)]));

  const upgraded = json<TestAnswer>(await tell(qq, "starttls", "--json", "--to", "ann@example.com"));
  expect(upgraded).toMatchObject({ ok: true, cause: null });
  expect(upgraded.steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["starttls", "tls", "content"]),
  );

  // A person sees each step, and the dialogue without the secret.
  const shown = await tell(qq, "tls", "--transcript");
  expect(shown).toMatchObject({ code: 0, out: expect.stringContaining("All good") });
  expect(shown.out).toMatch(/✓ sign-in +[\d.]+ ms/);
  for (const form of formsOf(qq.username!, qq.secret!))
    for (const { out, err } of [shown, walked]) expect(`${out}${err}`).not.toContain(form);

  // The secret by the two other ways: standard input, and a wrong one is seen to be wrong.
  const { flags } = towards(qq, "tls");
  const piped = await postrider(["test", ...flags, "--password-stdin"], { input: `${qq.secret}\n` });
  expect(piped.code).toBe(0);
  const wrong = await postrider(["test", ...flags, "--password-stdin", "--json"], {
    input: "zyxwvutsrqponmlk",
  });
  expect(wrong.code).toBe(1);
  expect(json<TestAnswer>(wrong)).toMatchObject({ ok: false, stage: "auth", scope: "account" });
  expect(await postrider(["test", ...flags, "--password-stdin"], { input: "" })).toMatchObject({ code: 2 });
});

describe.each<{
  fault: string;
  as: string;
  security: "tls" | "starttls";
  to?: string;
  cause: string;
  scope: string;
  stage: string;
}>([
  {
    fault: "wrong-password",
    as: "qq",
    security: "tls",
    cause: "auth.bad-credentials",
    scope: "account",
    stage: "auth",
  },
  {
    fault: "sender-refused",
    as: "qq",
    security: "tls",
    cause: "envelope.sender-not-owned",
    scope: "account",
    stage: "mail",
  },
  {
    fault: "starttls-missing",
    as: "qq",
    security: "starttls",
    cause: "ehlo.starttls-missing",
    scope: "endpoint",
    stage: "starttls",
  },
  {
    fault: "quota",
    as: "gmail",
    security: "tls",
    to: "ann@example.com",
    cause: "envelope.daily-quota",
    scope: "account",
    stage: "content",
  },
])("$fault at $as", ({ fault, as, security, to, cause, scope, stage }) => {
  test(`is ${cause}`, { timeout: 60_000 }, async () => {
    const running = await replica(["--as", as, "--fault", fault]);
    const more = to === undefined ? [] : ["--to", to];
    const told = await tell(running, security, "--json", ...more);
    expect(told).toMatchObject({ code: 1, err: "" });
    const answer = json<TestAnswer>(told);
    expect(answer).toMatchObject({ ok: false, cause, scope, stage });
    expect(answer.remedy!.steps.length).toBeGreaterThan(0);
    // What was pipelined behind the refused command fails for no reason of its own, and is not told.
    expect(answer.steps.filter(({ ok }) => !ok)).toHaveLength(1);
    expect(answer.steps.at(-1)).toMatchObject({ ok: false });
    for (const form of formsOf(running.username!, running.secret!)) expect(told.out).not.toContain(form);

    const chinese = await tell(running, security, "--lang", "zh", ...more);
    expect(chinese.code).toBe(1);
    expect(chinese.out).toContain(`[${cause}]`);
    expect(chinese.out).toMatch(/解决办法\n {2}1\. \S/);
  });
});

test("without --ca a replica's certificate is not trusted, and no secret is sent", {
  timeout: 60_000,
}, async () => {
  const gmail = await replica(["--as", "gmail"]);
  const { flags, env } = towards(gmail, "tls");
  const told = await postrider(
    ["test", ...flags.filter((flag) => flag !== "--ca" && flag !== gmail.ca), "--json"],
    {
      env,
    },
  );
  expect(told.code).toBe(1);
  const answer = json<TestAnswer>(told);
  expect(answer).toMatchObject({ ok: false, stage: "tls" });
  expect(answer.transcript.some(({ text }) => text.startsWith("AUTH"))).toBe(false);

  // The usual way of trusting works as well.
  const trusted = await postrider(["test", ...flags.filter((flag) => flag !== "--ca" && flag !== gmail.ca)], {
    env: { ...env, NODE_EXTRA_CA_CERTS: gmail.ca },
  });
  expect(trusted.code).toBe(0);
});

test("Gmail's knowledge holds at another address: an account password gets Gmail's own remedy", {
  timeout: 60_000,
}, async () => {
  const gmail = await replica(["--as", "gmail"]);
  const { flags } = towards(gmail, "tls");
  const told = await postrider(["test", ...flags, "--password-stdin", "--json"], {
    input: "my-account-password",
  });
  const answer = json<TestAnswer>(told);
  expect(answer).toMatchObject({ ok: false, cause: "auth.app-password-required", stage: "auth" });
  expect(JSON.stringify(answer.remedy)).toContain("myaccount.google.com");
  expect(`${told.out}${told.err}`).not.toContain("my-account-password");
});
