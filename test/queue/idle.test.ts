// A store keeps its program running while something is to be done, and no longer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { id } from "../../src/queue/conformance/harness.ts";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";

/** Runs a program with an open `store` to its end. */
async function run(body: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const src = new URL("../../src/", import.meta.url);
  const program = `
    import { message } from "${new URL("queue/conformance/harness.ts", src).href}";
    import { openSqliteStore } from "${new URL("queue/sqlite/open.ts", src).href}";
    const store = await openSqliteStore({ directory: process.argv[1] });
    ${body}
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, directory], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  expect(await once(child, "exit")).toEqual([0, null]);
  return directory;
}

async function expectKept(directory: string, numbers: readonly number[]): Promise<void> {
  const store = await openSqliteStore({ directory });
  for (const n of numbers) expect(await store.get(id(n))).not.toBeNull();
  await store.close();
}

test("a program ends by itself with its store open, and what it had accepted is kept", async () => {
  await expectKept(await run("await store.accept([message(1)]);"), [1]);
});

test("a program that closes its store waits for what it asked before", async () => {
  const directory = await run("store.accept([message(1)]); store.accept([message(2)]); await store.close();");
  await expectKept(directory, [1, 2]);
});
