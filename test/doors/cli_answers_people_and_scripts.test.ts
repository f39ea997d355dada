// Every command answers a person in words and a script in JSON, ends with the documented exit code, and does so
// through the running server where there is one, else on the data directory itself.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { provider } from "../../src/providers/catalogue.ts";
import {
  freshDirectory,
  json,
  jsonError,
  type Outcome,
  postrider,
  serve,
  sharedByTheFile,
} from "./processes.ts";

const shared = sharedByTheFile();

interface Message {
  readonly id: string;
  readonly recipients: readonly { readonly address: string; readonly state: string }[];
}

const mail = ["--from", "app@example.com", "--subject", "Hello"];

describe("while a server runs", () => {
  let data: string;
  const cli = (...args: readonly string[]) => postrider([...args, "--data", data]);

  beforeAll(async () => {
    data = freshDirectory(shared);
    await serve(data, {}, shared);
  }, 60_000);

  test("send, messages and queue", { timeout: 120_000 }, async () => {
    const sent = await cli("send", ...mail, "--to", "ann@example.com", "--text", "one", "--wait", "--json");
    expect(sent).toMatchObject({ code: 0, err: "" });
    const message = json<Message>(sent);
    expect(message.recipients).toMatchObject([{ address: "ann@example.com", state: "sent" }]);

    // The answer is no when a recipient is refused, whoever else is not.
    const refused = await cli(
      ...["send", ...mail, "--to", "ben@example.com", "--to", "550@fault.test"],
      ...["--text", "two", "--wait", "30", "--json"],
    );
    expect(refused.code).toBe(1);
    expect(json<Message>(refused).recipients.map(({ state }) => state)).toEqual(["sent", "bounced"]);
    const told = await cli("send", ...mail, "--to", "550@fault.test", "--text", "three", "--wait");
    expect(told).toMatchObject({ code: 1, out: expect.stringContaining("bounced  550@fault.test") });

    const accepted = await cli("send", ...mail, "--to", "cy@example.com", "--text", "four");
    expect(accepted.code).toBe(0);
    expect(accepted.out).toMatch(/^Accepted: [0-9a-f-]{36}$/m);

    const list = await cli("messages", "list", "--json");
    const { data: messages, more } = json<{ data: Message[]; more: boolean }>(list);
    expect([messages.length, more]).toEqual([4, false]);
    const table = await cli("messages", "list", "--limit", "1");
    expect(table).toMatchObject({ code: 0, out: expect.stringContaining(messages[0]!.id) });
    expect(table.out).toContain(`More: postrider messages list --after ${messages[0]!.id}`);
    const bounced = await cli("messages", "list", "--state", "bounced", "--json");
    expect(json<{ data: Message[] }>(bounced).data).toHaveLength(2);

    const shown = await cli("messages", "show", message.id, "--transcript");
    expect(shown.out).toContain("MAIL FROM:<app@example.com>");
    expect(json(await cli("messages", "show", message.id, "--json"))).toMatchObject({
      id: message.id,
      attempts: [{ account: "sandbox", transcript: expect.anything() }],
    });

    const again = await cli("messages", "retry", messages[1]!.id, "--json");
    expect(json(again)).toEqual({ id: messages[1]!.id, moved: 1 });
    expect(await cli("messages", "cancel", message.id)).toMatchObject({ code: 1, out: "" });
    const unknown = await cli("messages", "show", "nothing", "--json");
    expect(unknown).toMatchObject({ code: 2, out: "" });
    expect(jsonError(unknown)).toMatchObject({ name: "not_found" });

    const queue = await cli("queue");
    expect(queue.out).toMatch(/^LANE +STATE +RECIPIENTS +OLDEST$|^The queue is empty\.$/m);
    expect(queue.out).toMatch(/^ACCOUNT +STATE +IN HAND +CONNECTIONS +SPENT$/m);
    expect(json(await cli("queue", "--json"))).toMatchObject({
      data: expect.any(Array),
      accounts: [{ name: "sandbox", state: "good", budgets: [] }],
    });
  });

  test("sandbox", { timeout: 60_000 }, async () => {
    await cli("send", ...mail, "--to", "dora@example.com", "--text", "caught\nhere", "--wait");
    const listed = json<{ id: string; envelope: { to: string[] } }[]>(await cli("sandbox", "list", "--json"));
    const { id, envelope } = listed[0]!;
    expect(envelope.to).toEqual(["dora@example.com"]);
    expect((await cli("sandbox", "list")).out).toMatch(/^ID +RECEIVED \(UTC\) +FROM +TO +SUBJECT$/m);
    expect((await cli("sandbox", "show", id)).out).toContain("\ncaught\nhere\n");
    expect(json(await cli("sandbox", "show", id, "--json"))).toMatchObject({ id, html: null });
    expect((await cli("sandbox", "source", id)).out).toContain("\r\nSubject: Hello\r\n");
    expect(await cli("sandbox", "show", "9999")).toMatchObject({ code: 2, out: "" });
    expect(json(await cli("sandbox", "clear", "--json"))).toEqual({ deleted: listed.length });
    expect((await cli("sandbox", "list")).out).toBe("The sandbox has caught nothing yet.\n");
  });

  test("keys", { timeout: 60_000 }, async () => {
    const created = await cli("key", "create", "app");
    expect(created).toMatchObject({ code: 0, err: "" });
    expect(created.out).toMatch(/^pr_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n$/);
    const made = json<{ id: string; name: string; key: string }>(
      await cli("key", "create", "other", "--permission", "sending", "--json"),
    );
    expect(Object.keys(made).sort()).toEqual(["id", "key", "name"]);
    expect(await cli("key", "create", "app")).toMatchObject({ code: 1, out: "" });
    const list = await cli("key", "list", "--json");
    expect(json(list)).toMatchObject([
      { name: "app", permission: "full", revokedAt: null },
      { name: "other", permission: "sending" },
    ]);
    expect(list.out).not.toContain(made.key);
    expect((await cli("key", "revoke", "other")).out).toBe(`Revoked other (${made.id}).\n`);
    expect((await cli("key", "list")).out).toMatch(/other +sending .* revoked /);
    expect(await cli("key", "revoke", "other")).toMatchObject({ code: 2 });
  });

  test("routes", { timeout: 60_000 }, async () => {
    expect((await cli("route", "set", "main", "sandbox")).out).toBe(
      "main: sandbox\nFor messages that name it: postrider send --account main\n",
    );
    expect(json(await cli("route", "list", "--json"))).toEqual([
      { name: "main", accounts: ["sandbox"], weights: null, onBudget: "next", when: null },
    ]);
    expect(await cli("route", "set", "other", "nobody")).toMatchObject({
      code: 2,
      err: expect.stringContaining("nobody"),
    });
    expect((await cli("route", "remove", "main")).code).toBe(0);
    expect((await cli("route", "remove", "main")).code).toBe(2);
  });
});

test("without a server, commands work on the data directory itself", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  const cli = (...args: readonly string[]) => postrider([...args, "--data", data]);
  // Nothing would deliver it later, so it waits for the outcome unasked.
  const sent = await cli("send", ...mail, "--to", "ann@example.com", "--text", "one");
  expect(sent).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/^sent {2}ann@example\.com/m) });
  const refused = await cli("send", ...mail, "--to", "550@fault.test", "--text", "two", "--json");
  expect(refused.code).toBe(1);
  expect(json<Message>(refused).recipients).toMatchObject([{ state: "bounced" }]);
  const list = json<{ data: Message[] }>(await cli("messages", "list", "--json"));
  expect(list.data).toHaveLength(2);
  expect((await cli("sandbox", "show", "1")).out).toContain("\none\n");
  expect((await cli("key", "create", "app")).out).toMatch(/^pr_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n$/);
  expect(await cli("messages", "show", "nothing")).toMatchObject({ code: 2, out: "" });
});

test("the source of a message is shown byte for byte", { timeout: 60_000 }, async () => {
  const data = freshDirectory();
  const { said } = await serve(data);
  const file = join(data, "every.bin");
  writeFileSync(
    file,
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  const text = "Grüße, 你好\n.dot\n..dots\n";
  const sent = await postrider(
    [...["send", ...mail, "--to", "ann@example.com", "--text", "-", "--attach", file], "--wait", "--json"],
    { input: text, env: { POSTRIDER_DATA: data } },
  );
  const { id } = json<Message>(sent);
  const env = { POSTRIDER_DATA: data };
  const { out: stored } = await postrider(["messages", "show", id, "--source"], { env });
  const { out: arrived } = await postrider(["sandbox", "source", "1"], { env });
  const { token } = JSON.parse(readFileSync(join(data, "server.json"), "utf8")) as { token: string };
  const response = await fetch(`${said.url}/api/v1/messages/${id}/source`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(stored).toBe(await response.text());
  // What the sandbox got is what was stored: transport adds nothing to it.
  expect(arrived).toBe(stored);
  expect(stored.endsWith("\r\n")).toBe(true);
});

test("providers: the catalogue entry, and which one serves an address", { timeout: 60_000 }, async () => {
  const entry = json<Record<string, unknown>>(await postrider(["providers", "gmail", "--json"]));
  expect(entry).toEqual(JSON.parse(JSON.stringify(provider("gmail"))));
  expect(entry).toMatchObject({
    id: "gmail",
    name: "Gmail",
    endpoints: expect.arrayContaining([{ host: "smtp.gmail.com", port: 465, security: "tls" }]),
    username: expect.anything(),
    secret: expect.anything(),
  });
  expect(json<unknown[]>(await postrider(["providers", "--json"])).length).toBeGreaterThan(50);
  expect((await postrider(["providers"])).out).toMatch(/^gmail +Gmail +smtp\.gmail\.com:465 \(tls\)/m);
  expect((await postrider(["providers", "qq"])).out).toContain("smtp.qq.com:465 (tls)");
  expect((await postrider(["providers", "qq", "--lang", "zh"])).out).toContain("授权码");

  expect(json(await postrider(["providers", "detect", "a@gmail.com", "--json"]))).toEqual({
    provider: "gmail",
    by: "domain",
    evidence: expect.stringContaining("gmail.com"),
  });
  expect(await postrider(["providers", "detect", "a@gmail.com"])).toMatchObject({
    code: 0,
    out: expect.stringContaining("Gmail (gmail)"),
  });
});

test("what is wrong with a command line is named, with what would be right", {
  timeout: 90_000,
}, async () => {
  const wrong: readonly (readonly [args: readonly string[], says: string])[] = [
    [["providers", "gmial"], "Did you mean gmail"],
    [["providers", "detect", "nobody"], '"nobody" is not an email address'],
    [["test", "--provider", "gmial", "--username", "a@b.example"], "Did you mean gmail"],
    [["test", "--host", "h", "--port", "70000"], "1 to 65535"],
    [["test", "--host", "h", "--port", "587", "--security", "tls"], "starttls"],
    [["test", "--host", "h", "--port", "465", "--security", "starttls"], "tls"],
    [["test", "--host", "h", "--security", "ssl"], "Allowed choices are tls, starttls, none"],
    [["test", "main", "--host", "h"], "not both"],
    [["test", "--provider", "gmail", "--username", "a@gmail.com"], "--password-stdin"],
    [["account", "add", "main"], "--provider ID, or --host NAME"],
    [["send", "--to", "a@b.example", "--subject", "s"], "--text or --html"],
    [["send", "--subject", "s", "--text", "t"], "--to <address>"],
    [
      ["send", "--to", "a@b.example", "--subject", "s", "--text", "t", "--lane", "slow"],
      "urgent, normal, bulk",
    ],
    [["send", "--to", "a@b.example", "--subject", "s", "--html", "/no/such/file"], "/no/such/file"],
    [["sandbox", "--as", "gmial"], "Did you mean gmail"],
    [["sandbox", "--as", "qq", "--fault", "tiredness"], "wrong-password"],
    [["sandbox", "--fault", "quota"], "--as PROVIDER"],
    [["serve", "--http", "nowhere"], "127.0.0.1:2580"],
    [["init"], "needs a terminal"],
    [["mesages"], "Did you mean messages"],
    [["messages", "list", "--limt", "3"], "Did you mean --limit"],
  ];
  const data = freshDirectory();
  const outcomes: Outcome[] = [];
  // Two at a time: as many as a small machine has processors.
  for (let n = 0; n < wrong.length; n += 2)
    outcomes.push(
      ...(await Promise.all(
        wrong.slice(n, n + 2).map(([args]) => postrider(args, { env: { POSTRIDER_DATA: data } })),
      )),
    );
  for (const [index, [args, says]] of wrong.entries()) {
    expect([args, outcomes[index]]).toEqual([
      args,
      expect.objectContaining({ code: 2, out: "", err: expect.stringContaining(says) }),
    ]);
  }
});

test("nothing is coloured where no terminal is", { timeout: 60_000 }, async () => {
  const data = freshDirectory();
  const env = { POSTRIDER_DATA: data };
  for (const args of [["providers"], ["providers", "gmail"], ["account", "list"], ["test", "sandbox"]]) {
    const { out, err } = await postrider(args, { env });
    expect(out).not.toBe("");
    expect(`${out}${err}`).not.toContain("\u001b");
  }
});

test("help and version are good answers", { timeout: 60_000 }, async () => {
  expect(await postrider(["--help"])).toMatchObject({ code: 0, out: expect.stringContaining("Exit codes") });
  expect(await postrider(["send", "--help"])).toMatchObject({
    code: 0,
    out: expect.stringContaining("--lane"),
  });
  expect(await postrider(["--version"])).toMatchObject({ code: 0, err: "" });
});
