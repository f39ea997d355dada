// The PostgreSQL engine keeps the contract, with a second node on the same schema beside it.
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { conformance } from "../conformance.ts";
import { openPostgresStore } from "./open.ts";

conformance("the PostgreSQL engine", async () => {
  // A node of the suite does one thing at a time.
  const options = { ...(await freshStoreOptions()), connections: 3 };
  let store = await openPostgresStore(options);
  const other = await openPostgresStore(options);
  return {
    get store() {
      return store;
    },
    other,
    async reopen() {
      await store.close();
      store = await openPostgresStore(options);
      return store;
    },
    async cleanup() {
      await Promise.all([store.close(), other.close()]);
    },
  };
});
