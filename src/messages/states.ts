// The states of a recipient and the one function that moves between them.

export const recipientStates = [
  "scheduled",
  "queued",
  "sending",
  "deferred",
  "parked",
  "unknown",
  "sent",
  "bounced",
  "failed",
  "expired",
  "canceled",
  "suppressed",
] as const;

export type RecipientState = (typeof recipientStates)[number];

/** What can happen to a recipient. */
export type RecipientEvent =
  /** Its time has come. */
  | "due"
  /** A worker took it. */
  | "claim"
  /** The worker gave it back, or its lease ran out, before anything was handed over. */
  | "release"
  /** The server took the message for this recipient. */
  | "accept"
  /** A passing fault; try again later. */
  | "defer"
  /** Its account is at fault. */
  | "park"
  /** The connection died after the final dot. */
  | "lose"
  /** The server refused this recipient or message for good. */
  | "bounce"
  /** It cannot be sent, by our own judgement. */
  | "fail"
  | "expire"
  | "cancel"
  | "suppress"
  /** A person or a mended account lets it go again. */
  | "retry";

const moves: Readonly<Record<RecipientState, Partial<Readonly<Record<RecipientEvent, RecipientState>>>>> = {
  scheduled: {
    due: "queued",
    claim: "sending",
    expire: "expired",
    cancel: "canceled",
    suppress: "suppressed",
  },
  queued: {
    claim: "sending",
    park: "parked",
    expire: "expired",
    cancel: "canceled",
    suppress: "suppressed",
    retry: "queued",
  },
  sending: {
    release: "queued",
    accept: "sent",
    defer: "deferred",
    park: "parked",
    lose: "unknown",
    bounce: "bounced",
    fail: "failed",
    expire: "expired",
    suppress: "suppressed",
  },
  deferred: {
    claim: "sending",
    park: "parked",
    expire: "expired",
    cancel: "canceled",
    suppress: "suppressed",
    retry: "queued",
  },
  parked: { retry: "queued", expire: "expired", cancel: "canceled", suppress: "suppressed" },
  unknown: { retry: "queued", accept: "sent", fail: "failed", expire: "expired", cancel: "canceled" },
  sent: {},
  bounced: { retry: "queued" },
  failed: { retry: "queued" },
  expired: {},
  canceled: {},
  suppressed: { retry: "queued" },
};

/** The state after `event`, or null when the move is not allowed; then the state stays as it is and the caller says so. */
export function move(state: RecipientState, event: RecipientEvent): RecipientState | null {
  return moves[state][event] ?? null;
}

/** Nothing happens to such a recipient any more unless a person asks for it. */
export function isFinal(state: RecipientState): boolean {
  return (
    state === "sent" ||
    state === "bounced" ||
    state === "failed" ||
    state === "expired" ||
    state === "canceled" ||
    state === "suppressed"
  );
}

/** Such a recipient stays as it is until a person acts or an account is mended: what someone who waits for the outcome waits for. */
export function isSettled(state: RecipientState): boolean {
  return isFinal(state) || state === "parked" || state === "unknown";
}
