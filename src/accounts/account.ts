// One login at a provider or at any SMTP server, with the identity it sends under.
import type { Verdict } from "../causes/verdict.ts";
import type { SecretKind } from "../providers/provider.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { Mechanism, ProxySetting } from "../smtp/options.ts";

/** A person's own numbers in place of the provider's: a positive integer, or null for no limit. What is absent is as the provider says. */
export interface AccountLimits {
  readonly perSecond?: number | null;
  readonly perMinute?: number | null;
  readonly perHour?: number | null;
  readonly perDay?: number | null;
  /** What minute, hour and day count. */
  readonly unit?: "messages" | "recipients";
  readonly connections?: number;
  readonly messagesPerConnection?: number | null;
  readonly recipientsPerMessage?: number;
  /** Bytes of the encoded message. */
  readonly messageSizeBytes?: number | null;
  /** Percent of each rate and of the connections that only urgent mail may use, 0 to 90. Default 10. */
  readonly urgentPercent?: number;
  /** Seconds between two NOOPs on a connection without work; null, the default, closes it instead: few providers like being kept. */
  readonly keepAliveSeconds?: number | null;
}

/**
 * What happens to a message whose From is another address than the account's: `refuse` leaves the account out;
 * `own-address` sends under the account's address, with the original in Reply-To.
 */
export type SenderPolicy = "refuse" | "own-address";

export interface Account {
  /** Lower case letters, digits and dashes; 1 to 64 of them; unique. */
  readonly name: string;
  /** An id of the catalogue; null for a server it does not know. */
  readonly provider: string | null;
  readonly endpoint: Endpoint;
  /** Further ways to the same service, tried in order while the endpoint fails; null for those the catalogue knows. The secret is bound to them too. */
  readonly alternates: readonly Endpoint[] | null;
  /** The name the certificate must bear, when it is not `endpoint.host`. */
  readonly serverName: string | null;
  /** Null for a server that wants no sign-in. */
  readonly username: string | null;
  readonly secretKind: SecretKind;
  /** Null lets the client choose. */
  readonly mechanisms: readonly Mechanism[] | null;
  /** The address mail leaves under when a message names none. */
  readonly from: string | null;
  /** Null: as the message says; but `own-address` when another account failed before this one and the provider takes no other address. */
  readonly senderPolicy: SenderPolicy | null;
  readonly limits: AccountLimits;
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
