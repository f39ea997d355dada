// One login at a provider or at any SMTP server, with the identity it sends under.
import type { Verdict } from "../causes/verdict.ts";
import type { SecretKind } from "../providers/provider.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { Mechanism, ProxySetting } from "../smtp/options.ts";

export interface Account {
  /** Lower case letters, digits and dashes; 1 to 64 of them; unique. */
  readonly name: string;
  /** An id of the catalogue; null for a server it does not know. */
  readonly provider: string | null;
  readonly endpoint: Endpoint;
  /** The name the certificate must bear, when it is not `endpoint.host`. */
  readonly serverName: string | null;
  /** Null for a server that wants no sign-in. */
  readonly username: string | null;
  readonly secretKind: SecretKind;
  /** Null lets the client choose. */
  readonly mechanisms: readonly Mechanism[] | null;
  /** The address mail leaves under when a message names none. */
  readonly from: string | null;
  /** PEM certificates trusted beside the usual roots. */
  readonly ca: readonly string[];
  /** Without its password, which is kept with the secret. */
  readonly proxy: Omit<ProxySetting, "password"> | null;
  /** Set while the account is at fault; none of its mail is tried until it is resumed. */
  readonly parked: { readonly at: number; readonly verdict: Verdict } | null;
  readonly createdAt: number;
}

/** What the vault seals for an account. */
export type Secret =
  | { readonly kind: "password"; readonly password: string; readonly proxyPassword?: string }
  | {
      readonly kind: "oauth2";
      readonly clientId: string;
      readonly clientSecret?: string;
      readonly refreshToken: string;
      /** The one that was entered, when the provider has replaced it since. */
      readonly enteredRefreshToken?: string;
      readonly tokenEndpoint: string;
      readonly scopes: readonly string[];
      readonly proxyPassword?: string;
    }
  | { readonly kind: "none"; readonly proxyPassword?: string };
