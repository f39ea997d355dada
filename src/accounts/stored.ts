// An account as it is stored: settings and secret in one document, so that they change together or not at all.
import type { Account, Secret } from "./account.ts";

export interface AccountDocument {
  readonly account: Account;
  readonly sealed: string;
}

/** With the text that it was read from or written as: a write names what it replaces. */
export interface StoredAccount extends AccountDocument {
  readonly body: string;
}

/** Documents of the first version have no alternates, sender policy and limits. */
export function storedAccount(body: string): StoredAccount {
  const { account, sealed } = JSON.parse(body) as AccountDocument;
  return { account: { ...{ alternates: null, senderPolicy: null, limits: {} }, ...account }, sealed, body };
}

/** A secret without what the provider made of it since. */
export function asEntered(secret: Secret): Secret {
  if (secret.kind !== "oauth2" || secret.enteredRefreshToken === undefined) return secret;
  const { enteredRefreshToken, ...rest } = secret;
  return { ...rest, refreshToken: enteredRefreshToken };
}
