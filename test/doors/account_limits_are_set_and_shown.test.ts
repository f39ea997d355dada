// What an account may do: the provider's numbers, a person's own in their place, and whose number it is in the end.
import { beforeAll, expect, test } from "vitest";
import { freshDirectory, json, makeKey, postrider, serve, sharedByTheFile } from "./processes.ts";

const shared = sharedByTheFile();
let data: string;
let url: string;
let key: string;

beforeAll(async () => {
  data = freshDirectory(shared);
  ({ url } = (await serve(data, {}, shared)).said);
  key = await makeKey(data, "full", shared);
}, 60_000);

const secret = "abcdefghijklmnop";
const cli = (args: readonly string[], input?: string) =>
  postrider([...args, "--data", data], input === undefined ? {} : { input });
const add = (name: string, ...flags: readonly string[]) =>
  cli(
    [
      "account",
      "add",
      name,
      "--provider",
      "gmail",
      "--username",
      "ann@gmail.com",
      "--password-stdin",
      ...flags,
    ],
    secret,
  );

interface Shown {
  readonly limits: Readonly<Record<string, unknown>>;
  readonly effectiveLimits: Readonly<Record<string, { readonly value: unknown; readonly from: string }>>;
}

const show = async (name: string) => json<Shown>(await cli(["account", "show", name, "--json"]));

async function http(method: string, path: string, body: unknown) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as { readonly message: string } };
}

test("limits are the provider's until they are set, lifted, or given back", { timeout: 90_000 }, async () => {
  const limits = ["--limit", "per-day=2000", "--limit", "message-size=10M", "--limit", "keep-alive=1m"];
  expect(await add("main", ...limits, "--limit", "per-minute=20")).toMatchObject({ code: 0, err: "" });
  expect(await show("main")).toMatchObject({
    limits: { perDay: 2000, messageSizeBytes: 10_485_760, keepAliveSeconds: 60, perMinute: 20 },
    effectiveLimits: {
      perDay: { value: 2000, from: "account" },
      recipientsPerMessage: { value: 100, from: "provider" },
      connections: { value: 5, from: "default" },
      reservedConnections: 1,
    },
  });
  const change = ["account", "change", "main", "--limit", "per-day=provider", "--limit", "message-size=none"];
  expect((await cli(change)).code).toBe(0);
  expect(await show("main")).toMatchObject({
    limits: { messageSizeBytes: null, keepAliveSeconds: 60, perMinute: 20 },
    effectiveLimits: {
      perDay: { value: 500, from: "provider" },
      messageSizeBytes: { value: null, from: "account" },
    },
  });
  const { out } = await cli(["account", "show", "main"]);
  expect(out).toMatch(/^per-minute +20 messages +set here$/m);
  expect(out).toMatch(/^per-day +500 messages +Gmail$/m);
  expect(out).toMatch(/^per-hour +no limit +default$/m);
  expect(out).toMatch(/^message-size +no limit +set here$/m);
  expect(out).toMatch(/^connections +5, 1 of them for urgent mail only +default$/m);
  expect(out).toMatch(/^keep-alive +every 60 s +set here$/m);
  expect(out).toContain("Gmail: 500 a day for personal accounts");
});

test("what a smallest plan allows is said and not assumed", { timeout: 60_000 }, async () => {
  await cli(["account", "add", "plan", "--provider", "resend", "--password-stdin"], "re_123456789");
  const { out } = await cli(["account", "show", "plan"]);
  expect(out).toMatch(/^per-day +no limit +default$/m);
  expect(out).toContain("postrider account change plan --limit per-day=100");
  await cli(["account", "change", "plan", "--limit", "per-day=100"]);
  expect((await cli(["account", "show", "plan"])).out).not.toContain("smallest plan");
});

test("alternates take the secret along only when it is entered for them", { timeout: 90_000 }, async () => {
  await add("other", "--sender-policy", "own-address");
  expect(await show("other")).toMatchObject({
    alternates: null,
    senderPolicy: "own-address",
    endpoints: [{ port: 465 }, { host: "smtp.gmail.com", port: 587, security: "starttls" }],
  });
  const relay = ["--alternate", "relay.example.com:2525:starttls"];
  const refused = await cli(["account", "change", "other", ...relay]);
  expect(refused).toMatchObject({ code: 2, out: "" });
  expect(refused.err).toContain("--password-stdin");
  const both = ["--alternate", "smtp.gmail.com:587", ...relay, "--password-stdin"];
  expect((await cli(["account", "change", "other", ...both], secret)).code).toBe(0);
  expect((await cli(["account", "show", "other"])).out).toMatch(
    /^or else +smtp\.gmail\.com:587 \(starttls\)\n +relay\.example\.com:2525 \(starttls\)$/m,
  );
  // What leads nowhere new needs no secret.
  expect((await cli(["account", "change", "other", ...relay])).code).toBe(0);
  expect((await cli(["account", "change", "other", "--alternate", "none"])).code).toBe(0);
  expect(await show("other")).toMatchObject({ alternates: [], endpoints: [{ port: 465 }] });
  const back = ["--alternate", "provider", "--sender-policy", "default"];
  expect((await cli(["account", "change", "other", ...back])).code).toBe(0);
  expect(await show("other")).toMatchObject({ alternates: null, senderPolicy: null });
});

test.each<[readonly string[], RegExp]>([
  [["--limit", "per-dya=5"], /per-dya=5.*one of per-second, per-minute/],
  [["--limit", "per-day"], /Write NAME=VALUE/],
  [["--limit", "per-day=many"], /per-day is a whole number, none, or provider/],
  [["--limit", "per-day=0"], /limits\.perDay: 0 .* from 1 to/],
  [["--limit", "connections=none"], /limits\.connections: null/],
  [["--limit", "message-size=10X"], /a size such as 10M/],
  [["--alternate", "relay.example.com"], /Write HOST:PORT/],
  [["--alternate", "a.example:70000"], /from 1 to 65535/],
  [["--sender-policy", "mine"], /Allowed choices are refuse, own-address, default/],
])("account add %j is refused and adds nothing", { timeout: 60_000 }, async (flags, expected) => {
  const refused = await add("refused", ...flags);
  expect(refused).toMatchObject({ code: 2, out: "" });
  expect(refused.err).toMatch(expected);
  expect((await cli(["account", "show", "refused"])).code).toBe(2);
});

test.each<[unknown, RegExp]>([
  [{ limits: { perFortnight: 1 } }, /`limits\.perFortnight` is not known here/],
  [{ limits: { perDay: -1 } }, /limits\.perDay: -1/],
  [{ limits: 7 }, /`limits` must be/],
  [{ alternates: [{ host: "a.example", prot: 25 }] }, /`alternates\.0\.prot` is not known here/],
  [{ alternates: [{ host: "a.example", port: 25, security: "none" }] }, /a\.example:25 would be in clear/],
  [{ senderPolicy: "mine" }, /`senderPolicy` must be/],
])("over HTTP %j is refused by the name of the field", { timeout: 60_000 }, async (fields, expected) => {
  const body = { name: "refused", provider: "gmail", username: "ann@gmail.com", password: secret };
  const { status, answer } = await http("POST", "/accounts", { ...body, ...(fields as object) });
  expect([status, answer.message]).toEqual([422, expect.stringMatching(expected)]);
  expect((await http("PATCH", "/accounts/refused", {})).status).toBe(404);
});
