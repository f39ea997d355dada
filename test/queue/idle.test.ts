// A store that was opened and never closed does not keep its program running, nor lose what was accepted.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { id } from "../../src/queue/conformance/harness.ts";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";

test("a program ends by itself with its store open, and what it had accepted is kept", async () => {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const src = new URL("../../src/", import.meta.url);
  const program = `
    import { message } from "${new URL("queue/conformance/harness.ts", src).href}";
    import { openSqliteStore } from "${new URL("queue/sqlite/open.ts", src).href}";
    const store = await openSqliteStore({ directory: process.argv[1] });
    await store.accept([message(1)]);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, directory], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  expect(await once(child, "exit")).toEqual([0, null]);
  const store = await openSqliteStore({ directory });
  expect(await store.get(id(1))).not.toBeNull();
  await store.close();
});
