// A change of an account: what stands after it, and what it may not take along.
import type { Account, Secret } from "./account.ts";
import { staysBound } from "./binding.ts";
import { checkHost } from "./endpoint.ts";
import { AccountError } from "./error.ts";
import { changedLimits } from "./limits-input.ts";
import type { AccountInput } from "./settings.ts";

export type AccountChanges = Partial<Omit<AccountInput, "name">>;

/** What a person would enter to get the account as it is, with the changes on top. Another provider brings its own endpoint. */
export function merged(before: Account, changes: AccountChanges, newSecret: boolean): AccountInput {
  const moved = changes.provider !== undefined && changes.provider !== before.provider;
  const fromUsername = before.from === before.username;
  const rehosted = changes.host !== undefined && checkHost(changes.host) !== before.endpoint.host;
  return {
    name: before.name,
    provider: before.provider,
    ...(moved ? {} : { ...before.endpoint, unusualPort: sameEndpointGiven(changes) }),
    serverName: before.serverName,
    username: moved ? null : before.username,
    secretKind: newSecret ? undefined : before.secretKind,
    mechanisms: before.mechanisms,
    from: fromUsername ? null : before.from,
    senderPolicy: before.senderPolicy,
    ca: before.ca,
    proxy: before.proxy,
    ...changes,
    alternates:
      changes.alternates === undefined && !moved && !rehosted
        ? (before.alternates?.map((each) => ({ ...each, unusualPort: true })) ?? null)
        : changes.alternates,
    limits: changedLimits(before.limits, changes.limits),
  };
}

/** An endpoint that was accepted once is not questioned when something else changes. */
function sameEndpointGiven(changes: AccountChanges): boolean {
  return changes.host === undefined && changes.port === undefined && changes.security === undefined;
}

/** A secret goes nowhere that it was not entered for; neither does a proxy's password. */
export function refuseToCarry(before: Account, after: Account, secret: Secret): void {
  const moved = secret.kind !== "none" && !staysBound(before, after);
  const proxyMoved =
    secret.proxyPassword !== undefined && JSON.stringify(before.proxy) !== JSON.stringify(after.proxy);
  if (!moved && !proxyMoved) return;
  throw new AccountError(
    "secret-must-be-entered",
    `The secret of account "${before.name}" was entered for ${describe(before)}; it is not handed to ${describe(after)}. Enter the secret again together with this change.`,
  );
}

function describe(account: Account): string {
  const { host, port, security } = account.endpoint;
  const proxy = account.proxy === null ? "" : ` through ${account.proxy.host}:${account.proxy.port}`;
  const alternates = (account.alternates ?? []).map((each) => `, or ${each.host}:${each.port}`).join("");
  return `${account.username ?? "nobody"} at ${host}:${port} (${security})${alternates}${proxy}`;
}
