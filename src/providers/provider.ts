// What the catalogue knows of a provider: pure data, one file per provider in catalogue/.
import type { Endpoint } from "../smtp/endpoint.ts";
import type { Mechanism } from "../smtp/options.ts";
import type { Stage } from "../smtp/stage.ts";

/** A text in each language that the product speaks. */
export interface Text {
  readonly en: string;
  /** Simplified Chinese. */
  readonly zh: string;
}

/** `mailbox`: addresses at its own domains; `hosted`: also customers' domains; `relay`: a sending service; `sandbox`: keeps mail and delivers none. */
export type ProviderKind = "mailbox" | "hosted" | "relay" | "sandbox";

export type UsernameKind = "address" | "local-part" | "literal" | "key-id" | "api-key" | "name" | "any";

export type SecretKind =
  | "account-password"
  | "app-password"
  | "authorization-code"
  | "api-key"
  | "smtp-key"
  | "smtp-password"
  | "smtp-token"
  | "oauth2"
  | "none";

export interface ProviderEndpoint extends Endpoint {
  /** Why it stands where it stands: "the documented name of old, still answers". Shown to the person. */
  readonly note?: Text;
  /** An endpoint that is kept because documentation names it, though another is better today. */
  readonly legacy?: true;
}

export interface Limits {
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly perHour?: number;
  readonly perDay?: number;
  /** What `perDay` counts. */
  readonly perDayUnit?: "messages" | "recipients";
  /**
   * `perDay` is what the smallest plan or a new account has: shown to the person, never taken for the account's budget.
   * Holding a paying customer's mail back until tomorrow would be the worse mistake; the provider refuses what is too much.
   */
  readonly perDayOf?: "smallest-plan";
  readonly recipientsPerMessage?: number;
  /** Bytes of the encoded message, as SIZE counts them (RFC 1870). */
  readonly messageSizeBytes?: number;
  readonly concurrentConnections?: number;
  readonly messagesPerConnection?: number;
  readonly notes?: string;
  /** A URL, `EHLO`, or `recalled` when nobody should rely on it before checking. */
  readonly source: string;
}

/** What the provider demands of the From address. */
export type SenderRule = "must-equal-login" | "verified-identity" | "rewritten" | "free";

export interface OAuth2 {
  readonly authorization: string;
  readonly token: string;
  /** Device authorization endpoint (RFC 8628); null where not offered for mail. */
  readonly device: string | null;
  readonly scopes: readonly string[];
  readonly mechanism: "XOAUTH2" | "OAUTHBEARER";
  readonly notes?: readonly string[];
  readonly source: string;
}

/** A reply this provider is known to give. */
export interface KnownReply {
  readonly code: number;
  /** As sent, `5.7.8`; null when the provider sends none. */
  readonly enhanced: string | null;
  /** Stable words: the reply means this when code and status agree and every word occurs in it, in any letter case. */
  readonly words: readonly string[];
  /** Null when it can come at any stage. */
  readonly stage: Stage | null;
  /** An id of the book of causes. */
  readonly cause: string;
  /** One whole reply as it was seen, lines separated by `\n`, without code prefix repeated per line. Replicas answer with it. */
  readonly sample: string;
  /** What it means here, where that is more than the cause says. */
  readonly meaning: Text;
  readonly evidence: "verbatim" | "reassembled" | "paraphrase" | "recalled";
  readonly source: string;
}

/** What a replica of this provider shows; capability lines as in the EHLO reply, without the code. */
export interface WireProfile {
  /** Text after `220 `. */
  readonly greeting: string;
  /** EHLO keywords in clear; empty on a provider without a clear port. */
  readonly clear: readonly string[];
  /** EHLO keywords inside TLS. */
  readonly secured: readonly string[];
  /** `verbatim` when taken from a transcript, `derived` when made from the entry's other facts. */
  readonly evidence: "verbatim" | "derived";
}

export interface Provider {
  /** Lower case letters, digits and dashes. */
  readonly id: string;
  readonly name: string;
  /** What people who speak Chinese call it, where that is another name. */
  readonly nameZh?: string;
  readonly kind: ProviderKind;
  /** Other names people use for it. */
  readonly aliases: readonly string[];
  /** Address domains that identify it; each stands once in the catalogue. */
  readonly domains: readonly string[];
  /** Endings of MX host names, matched at a label boundary, the longest wins. */
  readonly mxSuffixes: readonly string[];
  /** Best first. */
  readonly endpoints: readonly ProviderEndpoint[];
  /** Other hosts of the same service, by region or kind of customer. */
  readonly regions: readonly { readonly region: string; readonly host: string }[];
  /** Old host names that stand for one of today's. */
  readonly legacyHosts: readonly string[];
  /** As listed inside TLS; those that our client lacks are left out. */
  readonly mechanisms: readonly Mechanism[];
  readonly username: {
    readonly kind: UsernameKind;
    /** The literal, when `kind` is `literal`. */
    readonly value?: string;
    /** Regular expression of the whole value, where its shape is known. */
    readonly pattern?: string;
    readonly text: Text;
  };
  readonly secret: {
    /** Best first. */
    readonly kinds: readonly SecretKind[];
    readonly pattern?: string;
    readonly text: Text;
    /** Where and how the person gets one. */
    readonly obtain: { readonly url: string | null; readonly path: Text };
  };
  readonly prerequisites: readonly Text[];
  readonly limits: Limits;
  readonly sender: { readonly rule: SenderRule; readonly text: Text };
  readonly oauth2: OAuth2 | null;
  readonly dns: {
    /** Name for `include:` in the sender domain's SPF record. */
    readonly spfInclude: string | null;
    readonly dkimSelectors: readonly string[];
    readonly notes?: string;
    readonly evidence: "sourced" | "recalled" | "none";
  };
  readonly replies: readonly KnownReply[];
  readonly wire: WireProfile;
  /** Dated changes that a person should know of. */
  readonly changes: readonly { readonly date: string; readonly text: Text; readonly source: string }[];
  /** What differs from settings widely found in documentation. */
  readonly notes: readonly Text[];
  /** Behaviour that a client has to survive. */
  readonly quirks: readonly string[];
  readonly links: readonly string[];
  /** ISO date on which the entry was last checked against its sources. */
  readonly checked: string;
  /** Parts of the entry for which no source was found; limits, DNS, changes and replies carry their own mark. */
  readonly recalled?: readonly string[];
}
