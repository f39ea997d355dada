// Whether a process has the key that the others seal with: told at its start, and not at its first sign-in.
import type { Documents } from "../queue/store.ts";
import { SecretKeyError } from "./secretkey.ts";
import type { Vault } from "./vault.ts";

const setting = { kind: "setting", name: "vault-check" } as const;
const about = ["vault check"];
const text = "The key that sealed this is the one.";

/**
 * The first process leaves a sealed text for all others to open; one whose key seals anew, and opens the old, leaves its own.
 * @throws SecretKeyError when the key is another, StoreError.
 */
export async function checkVault(documents: Documents, vault: Vault): Promise<void> {
  const ours = vault.sealText(text, about);
  if (await documents.insert(setting.kind, setting.name, ours)) return;
  const sealed = (await documents.get(setting.kind, setting.name)) ?? "";
  if (vault.openText(sealed, about) !== text)
    throw new SecretKeyError(
      `The secrets in this database are sealed with the key ${sealed.split(".", 2)[1] ?? "?"}, and ${vault.holds}. ` +
        "All nodes need the same key: copy secret.key from the data directory of one that runs, or set POSTRIDER_SECRET_KEY to the same value everywhere.",
    );
  // Another process may have done so just now: either text opens.
  if (!vault.isCurrent(sealed)) await documents.replace(setting.kind, setting.name, sealed, ours);
}
