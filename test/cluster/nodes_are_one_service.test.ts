// Two nodes on one database are one service: whatever is done through one holds at the other.
import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { freshDirectory, postrider, sharedByTheFile } from "../doors/processes.ts";
import { freshStoreOptions } from "../postgres/shared.ts";
import { type Cluster, environmentOf, type Node, secretKey, startNode } from "./nodes.ts";

const timeout = 60_000;
const finished = sharedByTheFile();
const password = "not-to-be-printed";
const catcher = new Catcher();
let peer: { readonly host: string; readonly port: number };
let cluster: Cluster;
let one: Node;
let other: Node;

beforeAll(async () => {
  const { url, schema } = await freshStoreOptions();
  cluster = { url: url.replace("postgres@", `postgres:${password}@`), schema };
  const server = await startSandbox({ catcher });
  finished(() => server.close().then(() => catcher.close()));
  peer = server.endpoints[0]!;
  // At the same moment: who makes the schema, and who seals first, is settled between them.
  [one, other] = await Promise.all([startNode(cluster, finished), startNode(cluster, finished)]);
}, timeout);

const account = (name: string) => ({
  name,
  host: peer.host,
  port: peer.port,
  security: "none",
  from: "app@example.com",
});
const mail = (route?: string) => ({
  to: "you@example.net",
  subject: "hello",
  text: "hello",
  ...(route === undefined ? {} : { route }),
});
/** Longer than a change may take to be seen, on a machine with much else to do. */
const patience = { timeout: 10_000, interval: 20 };

test("an account, a route and the default made through one are used by the other", { timeout }, async () => {
  expect((await one.ask("POST", "/api/v1/accounts", account("peer"))).status).toBe(201);
  await expect
    .poll(() => other.ask("GET", "/api/v1/accounts/peer").then(({ status }) => status), patience)
    .toBe(200);
  const route = { accounts: ["peer"], onBudget: "wait" };
  expect((await other.ask("PUT", "/api/v1/routes/codes", route)).status).toBe(200);
  const sent = async () => (await one.ask<{ id: string }>("POST", "/emails", mail("codes"))).status;
  await expect.poll(sent, patience).toBe(200);
  // A name that one node has given is given, also where that is not known yet.
  expect((await other.ask("POST", "/api/v1/accounts", account("next"))).status).toBe(201);
  expect((await one.ask("POST", "/api/v1/accounts", account("next"))).status).toBe(409);
  expect((await other.ask("DELETE", "/api/v1/accounts/next")).status).toBe(200);
  await expect
    .poll(() => one.ask("GET", "/api/v1/accounts/next").then(({ status }) => status), patience)
    .toBe(404);
});

test("changes of one account through both nodes at once are all kept", { timeout }, async () => {
  expect((await one.ask("POST", "/api/v1/accounts", account("busy"))).status).toBe(201);
  await expect
    .poll(() => other.ask("GET", "/api/v1/accounts/busy").then(({ status }) => status), patience)
    .toBe(200);
  const limits = {
    perSecond: 10,
    perMinute: 100,
    perHour: 1000,
    perDay: 9000,
    connections: 3,
    urgentPercent: 20,
  };
  const changes = Object.entries(limits).map(([name, value], index) =>
    [one, other][index % 2]!.ask("PATCH", "/api/v1/accounts/busy", { limits: { [name]: value } }),
  );
  expect((await Promise.all(changes)).map(({ status }) => status)).toEqual(changes.map(() => 200));
  for (const node of [one, other])
    await expect
      .poll(
        () => node.ask<{ limits: unknown }>("GET", "/api/v1/accounts/busy").then(({ body }) => body.limits),
        patience,
      )
      .toMatchObject(limits);
});

test("a key made through one is good at the other, and refused there once it is revoked", {
  timeout,
}, async () => {
  const made = await one.ask<{ id: string; key: string }>("POST", "/api/v1/keys", { name: "app" });
  const { id, key } = made.body;
  const asked = () => other.ask("GET", "/api/v1/messages", undefined, key).then(({ status }) => status);
  expect(await asked()).toBe(200);
  expect((await one.ask("DELETE", `/api/v1/keys/${id}`)).status).toBe(200);
  await expect.poll(asked, patience).toBe(403);
});

test("what a command accepts beside the nodes is sent by a node, and the command hears of it", {
  timeout,
}, async () => {
  const data = freshDirectory();
  const told = await postrider(
    [
      "send",
      "--to",
      "you@example.net",
      "--subject",
      "alone",
      "--text",
      "x",
      "--account",
      "peer",
      "--wait",
      "30",
      "--json",
      "--data",
      data,
    ],
    { env: environmentOf(cluster) },
  );
  expect(told).toMatchObject({ code: 0 });
  expect(JSON.parse(told.out)).toMatchObject({ recipients: [{ state: "sent" }] });
  expect(catcher.list().map(({ subject }) => subject)).toContain("alone");
});

test("one waits for what the other sends", { timeout }, async () => {
  const { body } = await one.ask<{ id: string }>("POST", "/emails", mail("peer"));
  for (const node of [one, other]) {
    const message = await node.ask(`GET`, `/api/v1/messages/${body.id}?wait=30`);
    expect(message.body).toMatchObject({ recipients: [{ state: "sent" }] });
  }
});

test("without the sandbox nobody sends by it, and a port for it has to be given", { timeout }, async () => {
  expect(one.process.said.sandbox).toBeNull();
  expect((await one.ask("GET", "/api/v1/accounts/sandbox")).status).toBe(404);
  const refused = await postrider(
    ["serve", "--http", "127.0.0.1:0", "--sandbox-port", "0", "--data", freshDirectory()],
    {
      env: environmentOf(cluster),
    },
  );
  expect(refused).toMatchObject({ code: 3, err: expect.stringContaining("the same on every node") });
});

test("a node with another secret key refuses to start and says what to do", { timeout }, async () => {
  const wrong = randomBytes(32).toString("base64");
  const { code, out, err } = await postrider(["serve", "--http", "127.0.0.1:0", "--data", freshDirectory()], {
    env: { ...environmentOf(cluster), POSTRIDER_SECRET_KEY: wrong },
  });
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(/same key.*secret\.key.*POSTRIDER_SECRET_KEY/);
  for (const secret of [wrong, secretKey, password]) expect(err).not.toContain(secret);
});

test("a second node in one data directory is refused, and the first is told", { timeout }, async () => {
  const { code, err } = await postrider(["serve", "--http", "127.0.0.1:0", "--data", one.data], {
    env: environmentOf(cluster),
  });
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(one.url) });
  expect((await one.ask("GET", "/readyz")).status).toBe(200);
});

test("what a node says of its database leaves the password out", { timeout }, async () => {
  const { database } = one.process.said;
  expect(database).toMatch(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/);
  for (const node of [one, other]) expect(node.process.out() + node.process.err()).not.toContain(password);
});

test("a command that cannot reach the database says so, without its password", { timeout }, async () => {
  const { code, out, err } = await postrider(["queue", "--data", freshDirectory()], {
    env: { POSTRIDER_DATABASE_URL: `postgres://u:${password}@127.0.0.1:1/x` },
  });
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain("cannot be reached");
  expect(err).not.toContain(password);
});
