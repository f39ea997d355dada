// A data directory, key, disk, port or message that cannot be: each is named with the way out, exit code as
// documented, nothing half-written.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { createPostrider } from "../../src/postrider.ts";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import {
  bin,
  freshDirectory,
  json,
  jsonError,
  makeKey,
  outcomeOf,
  postrider,
  type Serving,
  serve,
  start,
  startAnnouncing,
} from "./processes.ts";

interface Message {
  readonly id: string;
  readonly recipients: readonly { readonly state: string }[];
}

const timeout = 90_000;
const send = [
  "send",
  "--from",
  "app@example.com",
  "--to",
  "ann@example.com",
  "--subject",
  "s",
  "--text",
  "t",
];

test("a data directory that another process holds: which one, and its number", { timeout }, async () => {
  const data = freshDirectory();
  const { said } = await serve(data);
  const second = await postrider(["serve", "--http", "127.0.0.1:0", "--data", data]);
  expect(second).toMatchObject({ code: 3, out: "" });
  expect(second.err).toContain(data);
  expect(second.err).toContain(`process ${said.pid}`);
  const program = createPostrider({ data });
  await expect(program).rejects.toMatchObject({ name: "StoreError", problem: "held" });
  // Commands go to the server instead.
  expect((await postrider(["queue", "--data", data])).code).toBe(0);
});

test("a data directory that is a file, or cannot be written", { timeout }, async () => {
  const place = freshDirectory();
  const file = join(place, "file");
  writeFileSync(file, "");
  const locked = join(place, "locked");
  const isRoot = process.getuid?.() === 0;
  // Root may write everywhere but in such a file system.
  const unwritable = isRoot ? "/sys/postrider-data" : join(locked, "data");
  if (!isRoot) {
    mkdirSync(locked);
    chmodSync(locked, 0o500);
  }
  for (const data of [file, join(file, "below"), unwritable]) {
    const outcome = await postrider(["serve", "--http", "127.0.0.1:0", "--data", data]);
    expect([data, outcome]).toMatchObject([data, { code: 3, out: "" }]);
    expect(outcome.err).toContain(`The data directory ${data} cannot be used`);
  }
});

test("a database from a newer version is left alone", { timeout }, async () => {
  const data = freshDirectory();
  expect((await postrider(["queue", "--data", data])).code).toBe(0);
  const path = join(data, "postrider.db");
  const database = new DatabaseSync(path);
  const { user_version: before } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  database.exec(`PRAGMA user_version = ${before + 1000}`);
  database.close();
  const { code, err } = await postrider(["serve", "--http", "127.0.0.1:0", "--data", data]);
  expect(code).toBe(3);
  expect(err).toContain(data);
  expect(err).toMatch(/newer/);
  const after = new DatabaseSync(path);
  expect(after.prepare("PRAGMA user_version").get()).toEqual({ user_version: before + 1000 });
  after.close();
});

test("a file that is no database is named", { timeout }, async () => {
  const data = freshDirectory();
  writeFileSync(join(data, "postrider.db"), "these are notes, and no database at all. ".repeat(200));
  const { code, err } = await postrider(["queue", "--data", data]);
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(data) });
});

test("a wrong vault key: said with the way out, mail is kept, and the right key sends it", {
  timeout,
}, async () => {
  const data = freshDirectory();
  const catcher = new Catcher();
  const provider = await startSandbox({
    catcher,
    requireSignIn: true,
    credentials: { username: "u", secret: "secret" },
  });
  onTestFinished(() => provider.close().then(() => catcher.close()));
  const { host, port } = provider.endpoints[0]!;
  const cli = (args: readonly string[], env: Readonly<Record<string, string>>, input = "") =>
    postrider([...args, "--data", data], { env, input });
  const right = { POSTRIDER_SECRET_KEY: randomBytes(32).toString("base64") };
  const place = ["--host", host, "--port", String(port), "--security", "none", "--username", "u"];
  const sender = ["--from", "app@example.com", "--password-stdin"];
  const added = await cli(["account", "add", "main", ...place, ...sender], right, "secret");
  expect(added).toMatchObject({ code: 0 });

  const wrong = { POSTRIDER_SECRET_KEY: randomBytes(32).toString("base64") };
  const tried = await cli(["test", "main", "--json"], wrong);
  expect(tried).toMatchObject({ code: 3, out: "" });
  expect(jsonError(tried).message).toMatch(/main.*POSTRIDER_SECRET_KEY/);
  const waiting = await cli([...send, "--account", "main", "--wait", "20", "--json"], wrong);
  expect(waiting.code).toBe(1);
  const { id, recipients } = json<Message>(waiting);
  expect(recipients[0]!.state).toBe("parked");
  expect(waiting.out).not.toContain(wrong.POSTRIDER_SECRET_KEY);
  expect(catcher.list()).toEqual([]);

  const arrived = catcher.next();
  await serve(data, { env: right });
  expect((await cli(["account", "resume", "main"], right)).code).toBe(0);
  await arrived;
  const { out: source } = await cli(["messages", "show", id, "--source"], right);
  expect(source).toBe(catcher.source("1")!.toString());
});

test("a vault key of the wrong form: how to make one, and not a word of it", { timeout }, async () => {
  const malformed = { POSTRIDER_SECRET_KEY: "too short" };
  const refused = await postrider(["account", "list", "--data", freshDirectory()], { env: malformed });
  expect(refused).toMatchObject({ code: 3, err: expect.stringContaining("32 random bytes") });
  expect(refused.err).not.toContain(malformed.POSTRIDER_SECRET_KEY);
});

test("a disk that takes no more: refused, nothing half-written, and good again once there is room", {
  timeout,
}, async () => {
  const data = freshDirectory();
  const key = await makeKey(data, "full");
  // A limit on the size of files stands in for a full disk: it needs no rights. In units of 1024 bytes.
  const limited = `trap '' XFSZ; ulimit -f 1024; exec "$@"`;
  const { said, child, ended } = await startAnnouncing<Serving>({
    command: ["bash", "-c", limited, "bash", process.execPath, bin],
    args: ["serve", "--json", "--http", "127.0.0.1:0", "--data", data],
  });
  const post = (bytes: number, subject: string) =>
    fetch(`${said.url}/emails`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        from: "app@example.com",
        to: "ann@example.com",
        subject,
        text: "x".repeat(bytes),
        scheduled_at: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    });
  const accepted: string[] = [];
  let refusal: Response | null = null;
  for (let n = 0; n < 50 && refusal === null; n++) {
    const response = await post(100_000, `n ${n}`);
    if (response.ok) accepted.push(((await response.json()) as { id: string }).id);
    else refusal = response;
  }
  expect([503, 507]).toContain(refusal!.status);
  expect(await refusal!.json()).toMatchObject({
    statusCode: refusal!.status,
    name: expect.stringMatching(/^(disk_full|storage_unavailable)$/),
    message: expect.stringContaining(data),
  });
  process.kill(said.pid, "SIGTERM");
  await ended;
  expect(child.exitCode).toBe(0);

  const again = await serve(data);
  const list = await fetch(`${again.said.url}/emails?limit=100`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { data: kept } = (await list.json()) as { data: { id: string }[] };
  expect(kept.map(({ id }) => id).sort()).toEqual(accepted.sort());
  expect((await postrider([...send, "--wait", "--data", data])).code).toBe(0);
});

test("100 MB against the limit: refused by every door, and nothing is kept", { timeout }, async () => {
  const data = freshDirectory();
  const { said } = await serve(data);
  const key = await makeKey(data, "full");
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const attachment = Buffer.alloc(100_000_000, "attachment ");
  const mail = { from: "app@example.com", to: "ann@example.com", subject: "large", text: "see attached" };

  const body = JSON.stringify({
    ...mail,
    attachments: [{ filename: "large.bin", content: attachment.toString("base64") }],
  });
  const response = await fetch(`${said.url}/emails`, { method: "POST", headers, body });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({
    name: "payload_too_large",
    message: expect.stringContaining("35 MiB"),
  });
  // Under the door's own limit, over the message's.
  const over = JSON.stringify({
    ...mail,
    attachments: [{ filename: "l", content: attachment.subarray(0, 36_000_000).toString("base64") }],
  });
  const composed = await fetch(`${said.url}/emails`, { method: "POST", headers, body: over });
  expect([413, 422]).toContain(composed.status);
  expect(await composed.json()).toMatchObject({ message: expect.stringContaining("35.0 MiB") });

  const file = join(freshDirectory(), "large.bin");
  writeFileSync(file, attachment);
  const sent = await postrider([...send, "--attach", file, "--data", data, "--json"]);
  expect(sent).toMatchObject({ code: 2, out: "" });
  expect(jsonError(sent).message).toContain(file);
  expect(jsonError(sent).message).toContain("35.0 MiB");

  const list = await fetch(`${said.url}/emails`, { headers });
  expect(await list.json()).toMatchObject({ data: [] });

  const own = freshDirectory();
  const program = await createPostrider({ data: own });
  onTestFinished(() => program.close());
  const refused = program.send({ ...mail, attachments: [{ filename: "large.bin", content: attachment }] });
  await expect(refused).rejects.toThrow("35.0 MiB");
  expect((await program.messages.list({ limit: 10 })).messages).toEqual([]);
});

test("a port that is taken: which one, and how to choose another", { timeout }, async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  const data = freshDirectory();
  const { code, out, err } = await postrider(["serve", "--http", taken, "--data", data]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain(taken);
  expect(err).toContain("--http");
  // The directory is free again, and nobody is told of a server.
  expect(readdirSync(data)).not.toContain("server.json");
  expect((await postrider(["queue", "--data", data])).code).toBe(0);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends it cleanly", { timeout }, async (signal) => {
  const data = freshDirectory();
  const { said, ended } = await serve(data);
  process.kill(said.pid, signal);
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(readdirSync(data)).not.toContain("server.json");
});

test("a second signal does not wait for a dialogue that hangs", { timeout }, async () => {
  const data = freshDirectory();
  const { said, ended, err } = await serve(data);
  const key = await makeKey(data, "full");
  const response = await fetch(`${said.url}/emails`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ from: "a@example.com", to: "late-reply@fault.test", subject: "s", text: "t" }),
  });
  const { id } = (await response.json()) as { id: string };
  const state = async () => {
    const shown = await fetch(`${said.url}/api/v1/messages/${id}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return ((await shown.json()) as { recipients: { state: string }[] }).recipients[0]!.state;
  };
  await expect.poll(state, { timeout: 20_000, interval: 20 }).toBe("sending");
  process.kill(said.pid, "SIGTERM");
  await expect.poll(err, { timeout: 20_000, interval: 10 }).toContain("stopping");
  process.kill(said.pid, "SIGTERM");
  expect(await ended).toEqual({ code: 143, signal: null });
});

test("a killed server's announcement misleads nobody", { timeout }, async () => {
  const data = freshDirectory();
  const { said, ended } = await serve(data);
  process.kill(said.pid, "SIGKILL");
  await ended;
  expect(readdirSync(data)).toContain("server.json");
  const run = start({ args: ["queue", "--data", data] });
  expect(await outcomeOf(run)).toMatchObject({ code: 0 });
});
