// The accounts that have to be there when Postrider starts: the sandbox's own, and those that a program declares.
import { type AccountBook, sandboxAccount } from "./accounts/accounts.ts";
import { type SecretInput, secretOf } from "./accounts/entered.ts";
import type { AccountInput } from "./accounts/settings.ts";
import type { Endpoint } from "./smtp/endpoint.ts";

/** The sandbox account sends as this when a message names nobody. RFC 2606 §2 keeps `.test` free. */
const sandboxSender = "postrider@sandbox.test";

/** The sandbox listens on another port each time; its account follows. */
export async function keepSandboxAccount(accounts: AccountBook, endpoint: Endpoint): Promise<void> {
  const fields = {
    host: endpoint.host,
    port: endpoint.port,
    security: endpoint.security,
    from: sandboxSender,
    unusualPort: true,
  } as const;
  if (accounts.find(sandboxAccount) === null) await accounts.add({ name: sandboxAccount, ...fields });
  else await accounts.update(sandboxAccount, fields, { kind: "none" });
}

/** Adds what is new, changes what differs; the first becomes the default. @throws AccountError, UnknownProvider. */
export async function declareAccounts(
  accounts: AccountBook,
  declared: readonly (AccountInput & SecretInput)[],
): Promise<void> {
  for (const entry of declared) {
    const { password, oauth2, proxyPassword, ...input } = entry;
    const secret = secretOf(entry);
    await accounts.declare(input, secret);
  }
  const [first] = declared;
  if (first !== undefined) await accounts.setDefault(first.name);
}
