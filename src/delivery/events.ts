// What delivery tells: each event after it is on stable storage, so that nothing told is ever untrue.
import type { Verdict } from "../causes/verdict.ts";
import type { Lane } from "../messages/lanes.ts";
import type { BudgetWindow, Claim, RecipientOutcome } from "../queue/store.ts";

/** Which recipient of which message, by the id the store knows it by. */
export interface OfRecipient {
  readonly at: number;
  readonly id: string;
  readonly lane: Lane;
  readonly index: number;
  readonly address: string;
  /** The account of the attempt; null when none could be chosen. */
  readonly account: string | null;
}

export type RecipientEvent = OfRecipient &
  /** `from`: the address it left under, where the account's provider takes no other; null when it left as it came. */
  (
    | { readonly type: "sent"; readonly from: string | null }
    | { readonly type: "deferred"; readonly dueAt: number; readonly verdict: Verdict }
    /** Refused for good by the server. */
    | { readonly type: "bounced"; readonly verdict: Verdict | null }
    /** Cannot be sent, by our own judgement. */
    | { readonly type: "failed"; readonly verdict: Verdict | null }
    /** Waits until its account is mended. */
    | { readonly type: "parked"; readonly verdict: Verdict | null }
    /** The connection died after the final dot. */
    | { readonly type: "unknown"; readonly verdict: Verdict | null }
    | { readonly type: "expired"; readonly verdict: Verdict | null }
    /** Its address stands on the suppression list: not sent. */
    | { readonly type: "suppressed" }
  );

export type DeliveryEvent =
  | RecipientEvent
  /** Told once, by the attempt that found the fault; nothing leaves through the account until it is resumed. */
  | {
      readonly type: "account-parked";
      readonly at: number;
      readonly account: string;
      readonly verdict: Verdict;
    }
  | {
      readonly type: "account-resumed";
      readonly at: number;
      readonly account: string;
      /** How many waiting recipients were let go. */
      readonly released: number;
    }
  /** The provider met a limit of the account's: nothing is sent through it until then. */
  | {
      readonly type: "account-rests";
      readonly at: number;
      readonly account: string;
      readonly until: number;
      readonly verdict: Verdict;
    }
  /** The endpoint keeps failing: until then nothing is tried there, and after that one message first. */
  | {
      readonly type: "endpoint-down";
      readonly at: number;
      readonly account: string;
      /** `host:port`. */
      readonly endpoint: string;
      readonly until: number;
      readonly verdict: Verdict;
    }
  | {
      readonly type: "endpoint-up";
      readonly at: number;
      readonly account: string;
      readonly endpoint: string;
    }
  /** Nearly all that the account may send within the window is sent. */
  | {
      readonly type: "budget-low";
      readonly at: number;
      readonly account: string;
      readonly window: BudgetWindow;
      readonly limit: number;
      readonly spent: number;
    }
  /** Nothing but what is kept for urgent mail is left until then. */
  | {
      readonly type: "budget-spent";
      readonly at: number;
      readonly account: string;
      readonly window: BudgetWindow;
      readonly until: number;
    }
  /** A message went on to its route's next account. */
  | {
      readonly type: "failover";
      readonly at: number;
      readonly id: string;
      readonly from: string;
      readonly to: string;
      readonly verdict: Verdict;
    }
  /** Outcomes or claims could not be stored: nothing is handed over until they can. */
  | { readonly type: "delivery-paused"; readonly at: number; readonly reason: string }
  | { readonly type: "delivery-resumed"; readonly at: number };

const types = {
  bounce: "bounced",
  fail: "failed",
  park: "parked",
  lose: "unknown",
  expire: "expired",
} as const;

/** What is told of an outcome; null for one that only gives the message back. */
export function eventOf(
  outcome: RecipientOutcome,
  about: {
    readonly at: number;
    readonly claim: Claim;
    readonly account: string | null;
    /** The address it left under, where that is not its own. */
    readonly from: string | null;
  },
): RecipientEvent | null {
  const { claim, at, account } = about;
  const { index } = outcome;
  const address = claim.recipients.find((recipient) => recipient.index === index)?.address ?? "";
  const of: OfRecipient = { at, id: claim.id, lane: claim.lane, index, address, account };
  switch (outcome.event) {
    case "release":
      return null;
    case "accept":
      return { ...of, type: "sent", from: about.from };
    case "defer":
      return { ...of, type: "deferred", dueAt: outcome.dueAt, verdict: outcome.verdict };
    default:
      return { ...of, type: types[outcome.event], verdict: outcome.verdict };
  }
}
