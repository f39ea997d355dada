// Accepted means kept: a process is killed in the middle of its work, and everything it had promised is there.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { claimAll, contentOf, minute, now } from "../../src/queue/conformance/harness.ts";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";

const script = fileURLToPath(new URL("accepting.ts", import.meta.url));

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts the process; `onLine` is told of every line it says. Resolves with all lines when it is gone. */
function start(directory: string, first: number, onLine: (lines: number, kill: () => void) => void) {
  const child = spawn(process.execPath, [script, directory, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  return new Promise<readonly string[]>((resolve, reject) => {
    child.on("error", reject);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      onLine(said.split("\n").length - 1, () => child.kill("SIGKILL"));
    });
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(said.split("\n").slice(0, -1));
      else reject(new Error(`the process ended by itself (${code ?? signal})`));
    });
  });
}

test("kill -9 at any moment loses nothing that was accepted and nothing that was recorded", async () => {
  const directory = freshDirectory();
  const accepted: string[] = [];
  const sent: string[] = [];
  for (const [round, lines] of [1, 7, 40, 200, 531].entries()) {
    const said = await start(directory, 1 + round * 1_000_000, (count, kill) => {
      if (count >= lines) kill();
    });
    for (const line of said) {
      const [word, id] = line.split(" ");
      if (word === "accepted") accepted.push(id!);
      if (word === "sent") sent.push(id!);
    }
    const store = await openSqliteStore({ directory });
    for (const id of accepted) {
      const content = await store.content(id);
      expect(content, id).not.toBeNull();
      expect(Buffer.from(content!)).toEqual(contentOf(Number(id.slice(-12))));
    }
    for (const id of sent) expect((await store.get(id))!.recipients[0]!.state).toBe("sent");
    await store.close();
  }
  expect(accepted.length).toBeGreaterThan(100);

  // What is neither sent nor lost can still be claimed once its lease has ended: each once.
  const store = await openSqliteStore({ directory });
  const claimed = await claimAll(store, { now: now + minute, limit: 100_000 });
  const again = new Set(claimed.map((claim) => claim.id));
  expect(again.size).toBe(claimed.length);
  const delivered = new Set(sent);
  for (const id of accepted) {
    const state = (await store.get(id))!.recipients[0]!.state;
    expect([id, state]).toEqual([id, again.has(id) ? "sending" : "sent"]);
    if (delivered.has(id)) expect(again.has(id)).toBe(false);
  }
  await store.close();
});

test("a directory that another process holds is refused with its number, and free when that one is killed", async () => {
  const directory = freshDirectory();
  let refusal: unknown = null;
  const gone = start(directory, 1, (count, kill) => {
    if (count > 1 || refusal !== null) return;
    refusal = openSqliteStore({ directory }).then(
      () => new Error("it was not refused"),
      (error: unknown) => error,
    );
    void (refusal as Promise<unknown>).then((error) => {
      refusal = error;
      kill();
    });
  });
  await gone;
  expect(refusal).toMatchObject({ name: "StoreError", problem: "held" });
  expect(String(refusal)).toMatch(/process \d+/);
  expect(String(refusal)).toContain(directory);
  await (await openSqliteStore({ directory })).close();
});
