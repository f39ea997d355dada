// A server is killed at any moment while many clients hand over mail: what it answered 200 for reaches the provider
// after the next start, and only what was being handed over at the kill can come twice.
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { freshDirectory, makeKey, postrider, serve } from "./processes.ts";

const rounds = 4;
const clients = 12;
const messageIdOf = (source: Buffer) => /^message-id: *(<[^>]+>)/im.exec(source.toString("latin1"))![1]!;

/** How many recipients a killed server has left in the middle of a dialogue. */
async function sendingIn(directory: string): Promise<number> {
  const store = await openSqliteStore({ directory });
  const depths = await store.depth();
  await store.close();
  return depths.reduce((sum, { state, recipients }) => sum + (state === "sending" ? recipients : 0), 0);
}

test("kill -9 of `serve` loses nothing accepted", { timeout: 120_000 }, async () => {
  // The provider outlives every kill: it is this process.
  const counts = new Map<string, number>();
  const catcher = new Catcher({ maxMessages: 100_000 });
  const provider = await startSandbox({ catcher });
  onTestFinished(() => provider.close().then(() => catcher.close()));
  catcher.onMessage(({ id }) => {
    const messageId = messageIdOf(catcher.source(id)!);
    counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  });
  const { host, port } = provider.endpoints[0]!;

  const data = freshDirectory();
  const key = await makeKey(data, "full");
  const place = ["--host", host, "--port", String(port), "--security", "none", "--no-auth"];
  const added = await postrider([
    "account",
    "add",
    "peer",
    ...place,
    "--from",
    "app@example.com",
    "--default",
    "--data",
    data,
  ]);
  expect(added).toMatchObject({ code: 0 });

  const accepted: string[] = [];
  let number = 0;
  /** Messages that were being handed over at a kill, all rounds together. */
  let underWay = 0;

  /** Hands over mail until the server is gone; an answer that did not come promises nothing. */
  async function client(url: string, gone: AbortSignal): Promise<void> {
    while (!gone.aborted) {
      try {
        const response = await fetch(`${url}/emails`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: JSON.stringify({ to: `r${++number}@example.com`, subject: `n ${number}`, text: "kept" }),
          signal: gone,
        });
        const answer = (await response.json()) as { id?: string };
        if (response.status === 200) accepted.push(answer.id!);
      } catch (error) {
        if (!gone.aborted && !(error instanceof TypeError)) throw error;
      }
    }
  }

  for (let round = 0; round < rounds; round++) {
    const { said, ended } = await serve(data);
    const gone = new AbortController();
    const before = accepted.length;
    const work = Array.from({ length: clients }, () => client(said.url, gone.signal));
    // The moment of the kill is meant to be arbitrary: some time after the first messages were accepted.
    await expect.poll(() => accepted.length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(before + 20);
    await pause(Math.random() * 1_000);
    process.kill(said.pid, "SIGKILL");
    await ended;
    gone.abort();
    await Promise.all(work);
    underWay += await sendingIn(data);
  }

  const { said } = await serve(data);
  const headers = { authorization: `Bearer ${key}` };
  const waiting = async () => {
    const { data: messages } = (await (
      await fetch(`${said.url}/api/v1/messages?limit=100`, { headers })
    ).json()) as { data: readonly { recipients: readonly { state: string; verdict: unknown }[] }[] };
    const { data: depths } = (await (await fetch(`${said.url}/api/v1/queue`, { headers })).json()) as {
      data: readonly { state: string }[];
    };
    return [
      ...depths.filter(({ state }) => state !== "sent"),
      ...messages.flatMap(({ recipients }) => recipients.filter(({ state }) => state !== "sent")).slice(0, 1),
    ];
  };
  await expect.poll(waiting, { timeout: 60_000, interval: 200 }).toEqual([]);

  const missing: string[] = [];
  for (const id of accepted) {
    const email = (await (await fetch(`${said.url}/emails/${id}`, { headers })).json()) as {
      message_id: string;
      last_event: string;
    };
    if (email.last_event !== "sent" || !counts.has(email.message_id)) missing.push(id);
  }
  expect(missing).toEqual([]);
  expect(accepted.length).toBeGreaterThan(rounds * 20);
  const doubled = [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
  expect(doubled).toBeLessThanOrEqual(underWay);
});
