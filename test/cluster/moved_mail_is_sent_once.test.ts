// An embedded installation with waiting mail is moved while a node is at work; the move is killed and begun again.
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { createPostrider } from "../../src/postrider.ts";
import { startPeer } from "../delivery/world.ts";
import { freshDirectory, json, outcomeOf, postrider, start } from "../doors/processes.ts";
import { freshStoreOptions } from "../postgres/shared.ts";
import { type Cluster, secretKey, startNode } from "./nodes.ts";

/** Two parts, the first of 500. */
const count = 800;

/** Accepted by a process that delivers nothing; the ids in order. */
async function installation(data: string, port: number): Promise<readonly string[]> {
  const post = await createPostrider({ data, deliver: false, env: { POSTRIDER_SECRET_KEY: secretKey } });
  const where = { host: "127.0.0.1", port, security: "none", from: "app@example.com" } as const;
  await post.addAccount({ name: "main", ...where }, { makeDefault: true });
  const mail = (n: number) => ({ to: `you${n}@example.net`, subject: `Mail ${n}`, text: "hello" });
  const sent = await Promise.all(Array.from({ length: count }, (_, n) => post.send(mail(n))));
  await post.close();
  return sent.map(({ id }) => id);
}

/** Somebody's transaction that stands in the way of a message, until it is called off. */
async function inTheWayOf(id: string, { url, schema }: Cluster) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0`);
  await client.query(
    `INSERT INTO "${schema}".messages (seq, id, message_id, lane, envelope_from, view, size, sensitive, created_at,
      expires_at, origin) VALUES (-1, $1, '', 0, '', '{}', 0, false, 0, 0, '')`,
    [id],
  );
  const waiters = async () => {
    const { rows } = await client.query(
      "SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid",
    );
    return (rows[0] as { n: number }).n;
  };
  return { waiters, callOff: () => client.query("ROLLBACK") };
}

test("mail that waits in a data directory is sent by a node after the move, once", {
  timeout: 90_000,
}, async () => {
  const cluster = await freshStoreOptions();
  const peer = await startPeer();
  const data = freshDirectory();
  const [ids] = await Promise.all([installation(data, peer.port), startNode(cluster, onTestFinished)]);
  const { url, schema } = cluster;
  const args = ["migrate", "--to", url, "--schema", schema, "--data", data];
  const env = { POSTRIDER_SECRET_KEY: secretKey };
  const patience = { timeout: 30_000, interval: 50 };

  const first = await inTheWayOf(ids[250]!, cluster);
  const stopped = start({ args, env });
  const told = outcomeOf(stopped);
  await expect.poll(first.waiters, patience).toBe(1);
  stopped.kill("SIGINT");
  // The part that is under way may end.
  await first.callOff();
  expect(await told).toMatchObject({ code: 130, out: expect.stringContaining("the same command goes on") });

  const obstacle = await inTheWayOf(ids[650]!, cluster);
  const killed = start({ args, env });
  const end = outcomeOf(killed);
  await expect.poll(obstacle.waiters, patience).toBe(1);
  killed.kill("SIGKILL");
  expect((await end).signal).toBe("SIGKILL");
  // What has arrived is sent at once, and the rest from nowhere.
  await peer.until(500);

  const refused = await postrider(["serve", "--http", "127.0.0.1:0", "--data", data], { env });
  expect(refused.code).toBe(3);
  expect(refused.err).toContain(`is being moved to ${url} (schema ${schema})`);
  const undo = await postrider(["migrate", "--undo", "--data", data]);
  expect([undo.code, undo.err]).toEqual([1, expect.stringContaining("would send it twice")]);

  const again = outcomeOf(start({ args: [...args, "--json"], env }));
  await expect.poll(obstacle.waiters, patience).toBeGreaterThan(0);
  await obstacle.callOff();
  const outcome = await again;
  expect(json(outcome)).toMatchObject({
    complete: true,
    arrived: { messages: count, waiting: count },
    found: { messages: count, waiting: count },
  });
  expect(outcome.out + outcome.err).not.toContain(secretKey);

  await peer.until(count);
  const node = await createPostrider({
    data: freshDirectory(),
    database: { url, schema },
    deliver: false,
    env: { POSTRIDER_SECRET_KEY: secretKey },
  });
  onTestFinished(() => node.close());
  const settled = await Promise.all(ids.map((id) => node.waitFor(id)));
  expect(new Set(settled.map(({ recipients }) => recipients[0]!.state))).toEqual(new Set(["sent"]));
  expect(peer.received.map(({ to }) => to[0]).toSorted()).toEqual(
    Array.from({ length: count }, (_, n) => `you${n}@example.net`).toSorted(),
  );
  const serve = await postrider(["serve", "--http", "127.0.0.1:0", "--data", data], { env });
  expect([serve.code, serve.err]).toEqual([3, expect.stringContaining("Set POSTRIDER_DATABASE_URL")]);
});

test("people are told what goes, and scripts by exit codes", { timeout: 60_000 }, async () => {
  const { url, schema } = await freshStoreOptions();
  const data = freshDirectory();
  const password = "not-to-be-printed";
  const to = url.replace("postgres@", `postgres:${password}@`);
  const none = await postrider(["migrate", "--to", to, "--data", data]);
  expect([none.code, none.err]).toEqual([1, expect.stringContaining("There is no installation in")]);
  expect((await postrider(["migrate", "--data", data])).code).toBe(2);
  const post = await createPostrider({ data, deliver: false, env: {} });
  await post.close();

  const away = await postrider(["migrate", "--to", "postgres://you@127.0.0.1:1/x", "--data", data]);
  expect([away.code, away.err]).toEqual([3, expect.stringContaining("cannot be reached")]);
  const dry = await postrider(["migrate", "--to", to, "--schema", schema, "--dry-run", "--data", data]);
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining("would go:")]);
  const done = await postrider(["migrate", "--to", to, "--schema", schema, "--data", data]);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining(`Moved to ${url}, schema ${schema}:`)]);
  expect(done.out).toContain("secret.key");
  for (const { out, err } of [none, away, dry, done]) expect(out + err).not.toContain(password);
  const twice = await postrider(["migrate", "--to", to, "--schema", schema, "--data", data]);
  expect([twice.code, twice.err]).toEqual([1, expect.stringContaining("Nothing is left to do")]);
});
