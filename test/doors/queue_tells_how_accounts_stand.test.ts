// What waits, and for what: each account with its state, its reason, what it may still send, and what a person can do.

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { freshDirectory, json, postrider, serve } from "./processes.ts";

interface Standing {
  readonly name: string;
  readonly state: string;
  readonly verdict: { readonly cause: string } | null;
  readonly budgets: readonly object[];
  readonly endpoints: readonly { readonly endpoint: string; readonly down: object | null }[];
}

/** A port that refuses: it was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("good, nearly spent, down and parked", { timeout: 120_000 }, async () => {
  const data = freshDirectory();
  const catcher = new Catcher();
  const provider = await startSandbox({
    catcher,
    requireSignIn: true,
    credentials: { username: "u", secret: "right" },
  });
  onTestFinished(() => provider.close().then(() => catcher.close()));
  const started = await serve(data);
  let { said, ended } = started;
  const cli = (args: readonly string[], input = "") => postrider([...args, "--data", data], { input });
  const add = (name: string, port: number, more: readonly string[], input = "") =>
    cli(
      [
        ...["account", "add", name, "--host", "127.0.0.1", "--port", String(port), "--security", "none"],
        ...["--from", "app@example.com", ...more],
      ],
      input,
    );
  const closed = await closedPort();
  expect((await add("few", said.sandbox.port, ["--no-auth", "--limit", "per-day=10"])).code).toBe(0);
  expect((await add("gone", closed, ["--no-auth"])).code).toBe(0);
  const wrong = ["--username", "u", "--password-stdin"];
  expect((await add("wrong", provider.endpoints[0]!.port, wrong, "not right")).code).toBe(0);

  const headers = () => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });
  const { out } = await cli(["key", "create", "k"]);
  const key = out.trim();
  const api = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${said.url}${path}`, { headers: headers(), ...init });
    return (await response.json()) as Answer;
  };
  const send = async (account: string, lane = "normal") => {
    const mail = { to: "ann@example.com", subject: "s", text: "t", account, lane };
    return (await api<{ id: string }>("/emails", mail)).id;
  };
  const sent = async (id: string) =>
    (await api<{ recipients: object[] }>(`/api/v1/messages/${id}?wait=30`)).recipients;
  const standing = (name: string) => api<Standing>(`/api/v1/accounts/${name}/budget`);

  for (let n = 0; n < 9; n++) expect(await sent(await send("few"))).toMatchObject([{ state: "sent" }]);
  const nearlySpent = { window: "day", limit: 10, spent: 9, keptForUrgent: 1, nearEnd: true };
  expect(await standing("few")).toMatchObject({ state: "good", unit: "messages", budgets: [nearlySpent] });
  // The last one is for urgent mail alone.
  const waiting = await send("few");
  expect(await sent(await send("few", "urgent"))).toMatchObject([{ state: "sent" }]);
  expect(await api(`/api/v1/messages/${waiting}`)).not.toMatchObject({ recipients: [{ state: "sent" }] });

  for (let n = 0; n < 2; n++) await send("gone");
  await send("wrong");
  const state = async (name: string) => (await standing(name)).state;
  await expect.poll(() => state("gone"), { timeout: 30_000, interval: 100 }).toBe("down");
  await expect.poll(() => state("wrong"), { timeout: 30_000, interval: 100 }).toBe("parked");
  expect(await standing("gone")).toMatchObject({
    verdict: { cause: expect.stringMatching(/^tcp\./) },
    endpoints: [{ endpoint: `127.0.0.1:${closed}`, down: { until: expect.stringMatching(/Z$/) } }],
  });

  const queue = (await cli(["queue"])).out;
  expect(queue).toMatch(/^few +good .* 10 of 10 messages a day: near its end, 1 kept for urgent$/m);
  expect(queue).toMatch(/^gone +down /m);
  expect(queue).toContain("postrider test gone");
  expect(queue).toMatch(/^wrong +parked /m);
  expect(queue).toContain("postrider account change wrong");
  expect(queue).toMatch(/^normal +parked +1 /m);
  const { accounts } = json<{ accounts: Standing[] }>(await cli(["queue", "--json"]));
  expect(accounts.map(({ name, state }) => [name, state])).toEqual([
    ["few", "good"],
    ["gone", "down"],
    ["sandbox", "good"],
    ["wrong", "parked"],
  ]);

  // What was spent is spent, also for the next process.
  process.kill(said.pid, "SIGTERM");
  await ended;
  ({ said, ended } = await serve(data));
  expect(await standing("few")).toMatchObject({ budgets: [{ spent: 10, nearEnd: true }] });
});
