// What a person enters as a secret, and what the vault keeps of it.
import { provider } from "../providers/catalogue.ts";
import type { Secret } from "./account.ts";
import { AccountError } from "./error.ts";

/** What a person enters as the secret of an account. */
export interface SecretInput {
  /** The secret, of the kind that the provider wants. */
  readonly password?: string;
  /** A sign-in that renews itself. The provider's token endpoint and scopes, where none are given. */
  readonly oauth2?: {
    readonly clientId: string;
    readonly clientSecret?: string;
    readonly refreshToken: string;
    readonly tokenEndpoint?: string;
    readonly scopes?: readonly string[];
  };
  readonly proxyPassword?: string;
}

/** @throws AccountError when a sign-in that renews itself has nowhere to do so, or a password is given as well; UnknownProvider. */
export function secretOf(given: SecretInput & { readonly provider?: string | null | undefined }): Secret {
  const proxy = given.proxyPassword === undefined ? {} : { proxyPassword: given.proxyPassword };
  if (given.oauth2 !== undefined) {
    if (given.password !== undefined)
      throw new AccountError("bad-secret", "Give a password or an OAuth2 sign-in, not both.");
    const known = given.provider == null ? null : provider(given.provider).oauth2;
    const tokenEndpoint = given.oauth2.tokenEndpoint ?? known?.token;
    if (tokenEndpoint === undefined)
      throw new AccountError(
        "bad-secret",
        "An OAuth2 sign-in needs a token endpoint: this provider has none in the catalogue. Give `tokenEndpoint`.",
      );
    const { clientId, clientSecret, refreshToken, scopes } = given.oauth2;
    const client = clientSecret === undefined ? { clientId } : { clientId, clientSecret };
    return {
      kind: "oauth2",
      ...client,
      refreshToken,
      tokenEndpoint,
      scopes: scopes ?? known?.scopes ?? [],
      ...proxy,
    };
  }
  return given.password === undefined
    ? { kind: "none", ...proxy }
    : { kind: "password", password: given.password, ...proxy };
}
