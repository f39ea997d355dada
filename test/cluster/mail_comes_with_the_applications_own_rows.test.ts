// An application writes its row and queues its mail in one transaction of its own database, under a role of its own;
// either both are there or neither. Whichever node is quicker makes the message, and all can tell what became of it.
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { killGroup, postrider, sharedByTheFile } from "../doors/processes.ts";
import { connectAs, makeRole } from "../postgres/roles.ts";
import { freshStoreOptions } from "../postgres/shared.ts";
import { type Cluster, environmentOf, type Node, startNode } from "./nodes.ts";

const timeout = 60_000;
/** Longer than anything may take on a machine with much else to do. */
const patience = { timeout: 30_000, interval: 20 };
const finished = sharedByTheFile();
const catcher = new Catcher();
let cluster: Cluster;
let one: Node;
let other: Node;
let role: string;

beforeAll(async () => {
  cluster = await freshStoreOptions();
  const server = await startSandbox({ catcher });
  finished(() => server.close().then(() => catcher.close()));
  [one, other] = await Promise.all([startNode(cluster, finished), startNode(cluster, finished)]);
  const { host, port } = server.endpoints[0]!;
  const account = { name: "peer", host, port, security: "none", from: "shop@example.com" };
  expect((await one.ask("POST", "/api/v1/accounts", account)).status).toBe(201);
  ({ role } = await makeRole(cluster.url, finished));
  const granted = await postrider(["database", "grant", role], { env: environmentOf(cluster) }, finished);
  expect(granted).toMatchObject({ code: 0 });
}, timeout);

async function application(): Promise<pg.Client> {
  const app = await connectAs(cluster.url, role);
  await app.query(
    `SET search_path = ${role}; CREATE TABLE IF NOT EXISTS orders (id int PRIMARY KEY, mail uuid)`,
  );
  return app;
}

/** In the way of the documentation: the row holds the id of its mail. */
const order = async (app: pg.Client, id: number, mail: object) =>
  (
    await app.query<{ mail: string }>(
      `INSERT INTO orders (id, mail) VALUES ($1, ${cluster.schema}.send($2, $3)) RETURNING mail`,
      [id, JSON.stringify(mail), `order ${id}`],
    )
  ).rows[0]!.mail;

interface Shown {
  readonly origin: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly messageId: string;
  readonly recipients: readonly { readonly state: string }[];
}

/** Once a node has made a message of it and every recipient has come to an end. */
async function ended(node: Node, id: string): Promise<Shown> {
  const path = `/api/v1/messages/${id}`;
  await expect.poll(() => node.ask("GET", path).then(({ status }) => status), patience).toBe(200);
  return (await node.ask<Shown>("GET", `${path}?wait=30`)).body;
}

const subjects = () => catcher.list().map(({ subject }) => subject);

test("row and mail are committed together, or neither is there", { timeout }, async () => {
  const app = await application();
  const mail = (subject: string) => ({ to: "ada@example.net", subject, text: "Thank you." });
  await app.query("BEGIN");
  await order(app, 1, mail("rolled back"));
  await app.query("ROLLBACK");
  await app.query("BEGIN");
  const id = await order(app, 1, mail("committed"));
  await app.query("COMMIT");
  const [{ at }] = (await app.query<{ at: number }>("SELECT extract(epoch FROM now())::float8 * 1000 AS at"))
    .rows as [{ at: number }];

  const shown = await ended(other, id);
  expect(shown).toMatchObject({ origin: `sql:${role}`, recipients: [{ state: "sent" }] });
  expect(shown.messageId).toBe(`<${id}@example.com>`);
  // The time is that of the call, by the database's clock, which the id tells too.
  const createdAt = Date.parse(shown.createdAt);
  expect(createdAt).toBe(Number.parseInt(id.replace("-", "").slice(0, 12), 16));
  expect(createdAt).toBeLessThanOrEqual(at);
  expect(Date.parse(shown.expiresAt) - createdAt).toBe(48 * 3_600_000);
  expect(subjects()).toContain("committed");
  expect(subjects()).not.toContain("rolled back");
  expect((await app.query("SELECT id, mail FROM orders")).rows).toEqual([{ id: 1, mail: id }]);

  // The application does not know whether its commit arrived, and does it all again.
  await app.query("DELETE FROM orders WHERE id = 1");
  expect(await order(app, 1, mail("committed"))).toBe(id);
  const last = await order(app, 2, mail("the last one"));
  expect(await ended(one, last)).toMatchObject({ recipients: [{ state: "sent" }] });
  expect(subjects().filter((subject) => subject === "committed")).toHaveLength(1);
});

test("what cannot be sent is told as over HTTP, by the id that the application has", {
  timeout,
}, async () => {
  const app = await application();
  const mail = { to: ["nobody", "ada@example.net"], subject: "Hello", text: "Hi" };
  const overHttp = await one.ask<{ message: string }>("POST", "/emails", mail);
  expect(overHttp.status).toBe(422);
  const id = await order(app, 11, mail);
  const reason = overHttp.body.message;
  const verdict = { scope: "message", retry: "permanent", cause: "message.malformed", message: reason };
  expect(await ended(one, id)).toMatchObject({
    origin: `sql:${role}`,
    recipients: [
      { address: "nobody", state: "failed", attempts: 0, verdict },
      { address: "ada@example.net", state: "failed", attempts: 0, verdict },
    ],
  });
  expect((await other.ask("GET", `/emails/${id}`)).body).toMatchObject({
    last_event: "failed",
    subject: "Hello",
    html: null,
    recipients: [{ cause: "message.malformed" }, { cause: "message.malformed" }],
  });
  const env = environmentOf(cluster);
  const shown = await postrider(["messages", "show", id, "--data", one.data], { env });
  expect(shown).toMatchObject({ code: 0, out: expect.stringContaining(reason) });
  const again = await postrider(["messages", "retry", id, "--data", one.data], { env });
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining("No recipient") });
});

test("mail that was queued while no node was there goes when one comes", { timeout }, async () => {
  const app = await application();
  for (const { process } of [one, other]) killGroup(process.child, "SIGTERM");
  for (const { process } of [one, other]) expect(await process.ended).toEqual({ code: 0, signal: null });
  const id = await order(app, 21, { to: "ada@example.net", subject: "nobody is there", text: "Hi" });
  const late = await startNode(cluster, finished);
  expect(await ended(late, id)).toMatchObject({ recipients: [{ state: "sent" }] });
  expect(subjects()).toContain("nobody is there");
});
