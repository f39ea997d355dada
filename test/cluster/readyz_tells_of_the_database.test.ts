// A database that hangs, dies and comes back: the probes answer all the while, mail is refused with the time to try
// again, and what was accepted is delivered.
import { expect, onTestFinished, test } from "vitest";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { startPostgres } from "../postgres/server.ts";
import { startNode } from "./nodes.ts";

const patience = { timeout: 60_000, interval: 100 };

test("probes answer while the database is silent, gone, and back", { timeout: 180_000 }, async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.dispose());
  const catcher = new Catcher();
  const server = await startSandbox({ catcher });
  onTestFinished(() => server.close().then(() => catcher.close()));
  const { host, port } = server.endpoints[0]!;
  const node = await startNode({ url: postgres.url, schema: "postrider" }, onTestFinished);
  const ready = () => node.ask<{ reasons: readonly string[] }>("GET", "/readyz");
  const send = () =>
    node.ask("POST", "/emails", { from: "a@example.com", to: "b@example.com", subject: "s", text: "t" });

  expect((await ready()).body.reasons).toEqual([expect.stringContaining("no account")]);
  const peer = { name: "peer", host, port, security: "none", from: "a@example.com" };
  expect((await node.ask("POST", "/api/v1/accounts", peer)).status).toBe(201);
  expect((await ready()).status).toBe(200);

  postgres.freeze();
  const silent = await ready();
  expect(silent).toMatchObject({
    status: 503,
    body: { reasons: [expect.stringContaining("storage: no answer")] },
  });
  expect((await node.ask("GET", "/healthz")).status).toBe(200);
  postgres.thaw();
  await expect.poll(() => ready().then(({ status }) => status), patience).toBe(200);

  await postgres.kill();
  await expect
    .poll(() => ready().then(({ body }) => body.reasons[0]), patience)
    .toMatch(/^storage: unreachable: PostgreSQL at 127\.0\.0\.1/);
  expect((await node.ask("GET", "/healthz")).status).toBe(200);
  const refused = await send();
  expect(refused).toMatchObject({ status: 503, body: { name: "storage_unavailable" } });
  expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);

  await postgres.restart();
  await expect.poll(() => ready().then(({ status }) => status), patience).toBe(200);
  expect((await send()).status).toBe(200);
  await expect.poll(() => catcher.list().length, patience).toBe(1);
});
