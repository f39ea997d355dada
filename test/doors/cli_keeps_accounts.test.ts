// An account's life on the command line: added, tested, used, at fault, mended, removed; its secret stays bound.
import { beforeAll, expect, test } from "vitest";
import {
  freshDirectory,
  json,
  postrider,
  type RunningReplica,
  replica,
  serve,
  sharedByTheFile,
  towards,
} from "./processes.ts";

const shared = sharedByTheFile();
let data: string;
let gmail: RunningReplica;

beforeAll(async () => {
  data = freshDirectory(shared);
  [gmail] = await Promise.all([replica(["--as", "gmail"], shared), serve(data, {}, shared)]);
}, 60_000);

const cli = (args: readonly string[], input?: string) =>
  postrider([...args, "--data", data], input === undefined ? {} : { input });

interface Account {
  readonly name: string;
  readonly default: boolean;
  readonly from: string | null;
  readonly parked: { readonly verdict: { readonly cause: string } } | null;
}

interface Message {
  readonly id: string;
  readonly recipients: readonly { readonly state: string }[];
}

const show = async (name: string) => json<Account>(await cli(["account", "show", name, "--json"]));
const mail = ["send", "--to", "ann@example.com", "--subject", "Hello", "--text", "It works."];

test("add, list, show, test, use", { timeout: 90_000 }, async () => {
  const { flags } = towards(gmail, "starttls");
  const added = await cli(["account", "add", "main", ...flags, "--password-stdin"], gmail.secret!);
  expect(added).toMatchObject({ code: 0, err: "" });
  expect(added.out).toContain("--default would have made this the one");
  expect(await show("main")).toMatchObject({
    name: "main",
    provider: "gmail",
    endpoint: { host: "127.0.0.1", security: "starttls" },
    username: gmail.username,
    secretKind: "app-password",
    from: gmail.username,
    default: false,
    parked: null,
  });
  const list = await cli(["account", "list"]);
  expect(list.out).toMatch(/^sandbox \(default\) /m);
  expect(list.out).toMatch(/^main +gmail +127\.0\.0\.1:\d+ \(starttls\) +\S+@gmail\.com +ready$/m);
  expect((await cli(["account", "default", "main"])).code).toBe(0);
  expect((await show("main")).default).toBe(true);

  expect((await cli(["account", "test", "main"])).code).toBe(0);
  expect(json(await cli(["test", "--json"]))).toMatchObject({ ok: true, cause: null });
  expect(json(await cli([...mail, "--wait", "--json"]))).toMatchObject({
    from: gmail.username,
    recipients: [{ state: "sent" }],
  });
  expect(await cli(["account", "add", "main", ...flags, "--password-stdin"], gmail.secret!)).toMatchObject({
    code: 1,
    err: expect.stringContaining('"main"'),
  });
});

test("a wrong secret parks the account, and its mail leaves once the secret is mended", {
  timeout: 90_000,
}, async () => {
  const { flags } = towards(gmail, "tls");
  await cli(["account", "add", "wrong", ...flags, "--password-stdin"], "zyxwvutsrqponmlk");
  const waiting = await cli([...mail, "--account", "wrong", "--wait", "--json"]);
  expect(waiting.code).toBe(1);
  const { id, recipients } = json<Message>(waiting);
  expect(recipients).toMatchObject([{ state: "parked" }]);
  expect((await show("wrong")).parked!.verdict.cause).toBe("auth.bad-credentials");
  expect((await cli(["account", "list"])).out).toMatch(/^wrong .* parked: auth\.bad-credentials$/m);
  expect((await cli(["account", "show", "wrong"])).out).toContain("postrider account change wrong");

  // Resuming without mending parks it again; a new secret lets the mail go.
  expect(json(await cli(["account", "resume", "wrong", "--json"]))).toEqual({ released: 1 });
  expect((await cli(["account", "change", "wrong", "--password-stdin"], gmail.secret!)).code).toBe(0);
  expect((await show("wrong")).parked).toBeNull();
  const state = async () => {
    const shown = json<Message>(await cli(["messages", "show", id, "--json"]));
    return shown.recipients.map((recipient) => recipient.state);
  };
  await expect.poll(state, { timeout: 30_000, interval: 50 }).toEqual(["sent"]);
});

test("a stored secret does not follow to another host, port, security, user or alternate", {
  timeout: 90_000,
}, async () => {
  const { flags } = towards(gmail, "tls");
  await cli(["account", "add", "bound", ...flags, "--password-stdin"], gmail.secret!);
  const before = await show("bound");
  for (const change of [
    ["--host", "localhost"],
    ["--port", "2465"],
    ["--security", "starttls"],
    ["--username", "other@gmail.com"],
    ["--alternate", "localhost:2465:tls"],
  ]) {
    const refused = await cli(["account", "change", "bound", ...change]);
    expect([change, refused]).toMatchObject([change, { code: 2, out: "" }]);
    expect(refused.err).toContain("--password-stdin");
    expect(await show("bound")).toEqual(before);
  }
  // What the secret is not bound to needs none.
  expect((await cli(["account", "change", "bound", "--from", "alias@gmail.com"])).code).toBe(0);
  expect((await show("bound")).from).toBe("alias@gmail.com");
  const moved = await cli(
    ["account", "change", "bound", "--host", "localhost", "--password-stdin"],
    gmail.secret!,
  );
  expect(moved.code).toBe(0);
  expect((await cli(["account", "test", "bound"])).code).toBe(0);
});

test("remove takes the account and its secret; the sandbox stays", { timeout: 60_000 }, async () => {
  const { flags } = towards(gmail, "tls");
  await cli(["account", "add", "gone", ...flags, "--password-stdin"], gmail.secret!);
  expect(json(await cli(["account", "remove", "gone", "--json"]))).toEqual({ removed: "gone" });
  expect(await cli(["account", "show", "gone"])).toMatchObject({
    code: 2,
    err: expect.stringContaining('"gone"'),
  });
  expect(await cli(["account", "remove", "sandbox"])).toMatchObject({ code: 1, out: "" });
  expect(await cli(["account", "change", "sandbox", "--from", "a@example.com"])).toMatchObject({ code: 1 });
});
