import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { SecretKeyError } from "./secretkey.ts";
import { memoryDocuments } from "./testing.ts";
import { Vault, vaultKey } from "./vault.ts";
import { checkVault } from "./vault-check.ts";

const key = () => vaultKey(randomBytes(32));
const [old, fresh] = [key(), key()];
const vault = (...keys: readonly ReturnType<typeof key>[]) => new Vault(keys, "POSTRIDER_SECRET_KEY");

test("nodes with the first one's key are let in, those with another are told which, and what to do", async () => {
  const documents = memoryDocuments();
  await Promise.all([checkVault(documents, vault(old)), checkVault(documents, vault(old))]);
  await checkVault(documents, vault(old));
  const refused = checkVault(documents, vault(fresh));
  await expect(refused).rejects.toThrow(SecretKeyError);
  await expect(refused).rejects.toThrow(
    new RegExp(`${old.id}.*POSTRIDER_SECRET_KEY holds ${fresh.id}.*copy secret.key`),
  );
});

test("a key is changed node by node: the new one behind the old, then before it, then alone", async () => {
  const documents = memoryDocuments();
  await checkVault(documents, vault(old));
  await checkVault(documents, vault(old, fresh));
  await expect(checkVault(documents, vault(fresh))).rejects.toThrow(SecretKeyError);
  await checkVault(documents, vault(fresh, old));
  // A node that has not been given the new order yet.
  await checkVault(documents, vault(old, fresh));
  await checkVault(documents, vault(fresh, old));
  await checkVault(documents, vault(fresh));
});

test("a check that was damaged lets nobody in", async () => {
  const documents = memoryDocuments();
  await documents.put("setting", "vault-check", "nothing sealed");
  await expect(checkVault(documents, vault(old))).rejects.toThrow(SecretKeyError);
});
