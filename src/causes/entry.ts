// What one entry of the book of causes says: how it shows, what it means for sending, what the person is told.
import type { Text } from "../providers/provider.ts";
import type { Security } from "../smtp/endpoint.ts";
import type { Certainty, FailureKind } from "../smtp/failure.ts";
import type { Stage } from "../smtp/stage.ts";

/** Whose fault it is, and therefore what stops: this account, this recipient, this message, this endpoint, or ourselves. */
export type Scope = "account" | "recipient" | "message" | "endpoint" | "ours";

/**
 * - `permanent`: will not pass as it is. Only a recipient's or a message's fault is ever permanent.
 * - `transient`: the same again later.
 * - `pause-account`: a limit or lock of the account; nothing of it goes until it ends.
 * - `connection`: only this connection or address was refused; another may do.
 * - `config`: the setting is wrong; trying again is pointless and may lock the account.
 */
export type Retry = "permanent" | "transient" | "pause-account" | "connection" | "config";

/** Where in the way of a mail a cause lies; the chapters of the book. */
export type Layer =
  | "config"
  | "environment"
  | "dns"
  | "tcp"
  | "banner"
  | "ehlo"
  | "tls"
  | "certificate"
  | "auth"
  | "envelope"
  | "data"
  | "delivery"
  | "proxy"
  | "protocol"
  | "client"
  | "message"
  | "unknown";

/**
 * Two scopes depend on more than the cause (see `resolveScope`):
 * - `sender`: the sender address is at fault. The account's, when it is the account's own address; else the message's.
 * - `envelope`: an address is at fault. The sender's at MAIL, the recipient's at RCPT, the message's later.
 */
export type EntryScope = Scope | "sender" | "envelope";

/** The order in which signs are tried, over the whole book. */
export const ranks = [
  /** Words or codes so telling that they outrank even the first digit: a daily limit sent as 550, a wrong sender as 440. */
  "override",
  /** What a code or a word means at this stage. */
  "phase",
  /** What the enhanced status says on its own (RFC 3463). */
  "enhanced",
  /** What the bare code says at this stage (RFC 5321 §4.2.2); the last resort before `unknown`. */
  "class",
] as const;

export type Rank = (typeof ranks)[number];

/** One way in which a cause shows. Every field given must hold; a list holds when one of it does. */
export interface Sign {
  readonly rank: Rank;
  readonly stages?: readonly Stage[];
  readonly kinds?: readonly FailureKind[];
  /** The failure's code; `ETIMEDOUT` counts as `TIMEOUT`. */
  readonly codes?: readonly string[];
  /** The system's or the resolver's number, where one code stands for two things (getaddrinfo: -3007, -3008). */
  readonly errno?: number;
  readonly certainty?: Certainty;
  readonly replies?: readonly number[];
  /** First digit of the reply. */
  readonly class?: 2 | 3 | 4 | 5;
  readonly enhanced?: readonly string[];
  /** Class of the enhanced status, which a code that no RFC knows may still carry (RFC 3463 §3.1). */
  readonly status?: 4 | 5;
  /** In the reply's text, put on one line and without enhanced statuses; without a reply, in the error's message. */
  readonly text?: RegExp;
  /** In the bytes that came where SMTP was expected. */
  readonly received?: RegExp;
  /** In the issuer of a certificate of the chain. */
  readonly issuer?: RegExp;
  /** In the decoded sign-in challenge. */
  readonly challenge?: RegExp;
  /** In a line that the server sent earlier, where the transcript is at hand. */
  readonly earlier?: RegExp;
  readonly secured?: boolean;
  readonly security?: readonly Security[];
  readonly ports?: readonly number[];
  readonly host?: RegExp;
  /** Each address that was tried. */
  readonly addresses?: RegExp;
  /** Where this way of showing differs from the entry. */
  readonly scope?: EntryScope;
  readonly retry?: Retry;
}

export interface Entry {
  readonly scope: EntryScope;
  readonly retry: Retry;
  /** A sentence without a full stop. The texts take the placeholders of placeholders.ts. */
  readonly title: Text;
  readonly explanation: Text;
  /** What a person sees, without placeholders; only where no sign says it. */
  readonly symptom?: Text;
  /** What the person does, in order. */
  readonly steps: readonly Text[];
  readonly links?: readonly string[];
  /** Absent where no failure alone shows it: a refinement, or a fault found outside of the dialogue. */
  readonly signs?: readonly Sign[];
}

export interface Cause extends Entry {
  readonly id: string;
  readonly layer: Layer;
}

/** Gives each entry of a chapter its id and its layer. */
export function chapter<Id extends string>(
  layer: Layer,
  entries: Readonly<Record<Id, Entry>>,
): Readonly<Record<Id, Cause>> {
  const causes = Object.entries<Entry>(entries).map(([id, entry]) => [id, { ...entry, id, layer }] as const);
  return Object.fromEntries(causes) as Record<Id, Cause>;
}
