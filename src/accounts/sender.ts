// Whose address a message may bear when it leaves through an account.
import type { Provider } from "../providers/provider.ts";
import type { Account } from "./account.ts";

/**
 * Whether the provider lets nothing but the account's own address (`account.from`) stand in From.
 *
 * `must-equal-login` refuses any other. `rewritten` puts its own address there without a word, and the address to reply
 * to is lost: rewriting it ourselves keeps that, and shows it. With `verified-identity` the person's other domains are
 * mostly verified too, and nobody here can know: the message is tried as it is. An account without an address of its
 * own has nothing to put in the place; a server that no catalogue knows demands nothing that we know of.
 */
export function demandsOwnSender(account: Account, provider: Provider | null): boolean {
  const rule = provider?.sender.rule;
  return account.from !== null && (rule === "must-equal-login" || rule === "rewritten");
}
