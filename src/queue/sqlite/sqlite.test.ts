// The SQLite engine keeps the contract.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Harness } from "../conformance/harness.ts";
import { conformance } from "../conformance.ts";
import { openSqliteStore } from "./open.ts";

conformance("The SQLite engine", async (): Promise<Harness> => {
  const directory = mkdtempSync(join(tmpdir(), "postrider-queue-"));
  let store = await openSqliteStore({ directory });
  return {
    store,
    async reopen() {
      await store.close();
      store = await openSqliteStore({ directory });
      return store;
    },
    async cleanup() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});
