// A process that accepts messages without end and delivers them, and says on standard output what it was promised.
import { writeSync } from "node:fs";
import { AccountBook } from "../../src/accounts/accounts.ts";
import { CredentialSource } from "../../src/accounts/credentials.ts";
import { Routes } from "../../src/accounts/routes.ts";
import { openVault } from "../../src/accounts/secretkey.ts";
import { Delivery } from "../../src/delivery/delivery.ts";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";
import { newMessage } from "./message.ts";

const [directory, port, accepting] = process.argv.slice(2) as [string, string, string];
const store = await openSqliteStore({ directory });
const accounts = await AccountBook.open({ documents: store.documents, vault: openVault(directory, {}) });
if (accounts.find("main") === null) {
  const login = {
    username: "app@example.com",
    host: "127.0.0.1",
    port: Number(port),
    security: "none",
  } as const;
  await accounts.add({ name: "main", ...login }, { kind: "password", password: "secret" });
}
const routes = await Routes.open(store.documents, accounts);
const credentials = new CredentialSource({ accounts });
// A short lease, so that what a killed process held is taken up within the test.
const delivery = new Delivery({
  store,
  accounts,
  routes,
  credentials,
  owner: `${process.pid}`,
  leaseMs: 1_000,
});
delivery.start();
writeSync(1, "ready\n");

/** Until so many are accepted: what is left over has to be delivered in the end. */
const enough = 400;
let total = 0;

async function accept(size: number): Promise<void> {
  for (; total < enough; total += size) {
    const batch = Array.from({ length: size }, () =>
      newMessage(Date.now(), { lane: size > 1 ? "bulk" : "urgent" }),
    );
    await store.accept(batch);
    // Written at once, so that a kill right after the promise does not lose the line.
    writeSync(1, batch.map(({ messageId }) => `accepted ${messageId}\n`).join(""));
    delivery.wake();
  }
}

if (accepting === "accepting") await Promise.all([accept(1), accept(3), accept(10)]);
