// For tests of this room and the rooms above: an account book that lives in memory.
import { randomBytes } from "node:crypto";
import type { Documents } from "../queue/store.ts";
import { AccountBook } from "./accounts.ts";
import { Vault, vaultKey } from "./vault.ts";

/** Documents as the storage engines keep them, without the keeping. */
export function memoryDocuments(): Documents {
  const bodies = new Map<string, { kind: string; name: string; body: string }>();
  const key = (kind: string, name: string) => JSON.stringify([kind, name]);
  return {
    get: async (kind, name) => bodies.get(key(kind, name))?.body ?? null,
    list: async (kind) => [...bodies.values()].filter((each) => each.kind === kind),
    put: async (kind, name, body) => void bodies.set(key(kind, name), { kind, name, body }),
    insert: async (kind, name, body) => {
      if (bodies.has(key(kind, name))) return false;
      bodies.set(key(kind, name), { kind, name, body });
      return true;
    },
    replace: async (kind, name, seen, body) => {
      if (bodies.get(key(kind, name))?.body !== seen) return false;
      bodies.set(key(kind, name), { kind, name, body });
      return true;
    },
    delete: async (kind, name) => bodies.delete(key(kind, name)),
  };
}

export function testVault(): Vault {
  return new Vault([vaultKey(randomBytes(32))], "a test");
}

export function testBook(
  documents: Documents = memoryDocuments(),
  vault: Vault = testVault(),
  now: () => number = () => 1_000,
): Promise<AccountBook> {
  return AccountBook.open({ documents, vault, now });
}
