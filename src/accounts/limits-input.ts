// The limits that a person enters for an account: checked, and laid over those entered before.
import type { AccountLimits } from "./account.ts";
import { AccountError } from "./error.ts";
import { type LimitName, mostConnections } from "./limits.ts";

/**
 * What is absent or undefined stays as it was; null lifts a limit; `provider` takes the own number back, so that the
 * provider's holds again, or the default where it says nothing.
 */
export type LimitsInput = { readonly [Name in LimitName]?: AccountLimits[Name] | "provider" | undefined };

interface Range {
  readonly least: number;
  readonly most: number;
  /** Whether null is an answer: that there is no limit, or none of the thing. */
  readonly canBeLifted: boolean;
}

const rate = (most: number): Range => ({ least: 1, most, canBeLifted: true });

/** Far above what any account is given; a larger number is a slip of the finger. */
const ranges: Readonly<Record<Exclude<LimitName, "unit">, Range>> = {
  perSecond: rate(10_000),
  perMinute: rate(1_000_000),
  perHour: rate(10_000_000),
  perDay: rate(100_000_000),
  connections: { least: 1, most: mostConnections, canBeLifted: false },
  messagesPerConnection: rate(1_000_000),
  recipientsPerMessage: { least: 1, most: 10_000, canBeLifted: false },
  messageSizeBytes: rate(2 ** 30),
  urgentPercent: { least: 0, most: 90, canBeLifted: false },
  // RFC 5321 §4.5.3.2.7: a server waits five minutes for a command at least, so nothing longer keeps a connection.
  keepAliveSeconds: { least: 1, most: 300, canBeLifted: true },
};

export const limitNames: readonly LimitName[] = [
  "perSecond",
  "perMinute",
  "perHour",
  "perDay",
  "unit",
  "connections",
  "messagesPerConnection",
  "recipientsPerMessage",
  "messageSizeBytes",
  "urgentPercent",
  "keepAliveSeconds",
];

/** The limits entered before with these on top; null takes all of them back. Throws AccountError, which names the limit. */
export function changedLimits(before: AccountLimits, input: LimitsInput | null | undefined): AccountLimits {
  if (input === undefined) return before;
  if (input === null) return {};
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(input)) {
    if (!isLimitName(name)) throw unknown(name);
    if (value === undefined) continue;
    if (value === "provider") delete after[name];
    else after[name] = name === "unit" ? checkedUnit(value) : checkedNumber(name, value);
  }
  return after;
}

function isLimitName(name: string): name is LimitName {
  return (limitNames as readonly string[]).includes(name);
}

function checkedUnit(value: unknown): "messages" | "recipients" {
  if (value === "messages" || value === "recipients") return value;
  throw bad("unit", value, "it is what minute, hour and day count: messages or recipients");
}

function checkedNumber(name: Exclude<LimitName, "unit">, value: unknown): number | null {
  const { least, most, canBeLifted } = ranges[name];
  if (value === null && canBeLifted) return null;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  const orNull = canBeLifted ? ", or null for none" : "";
  throw bad(name, value, `it is a whole number from ${least} to ${most}${orNull}`);
}

function bad(name: LimitName, value: unknown, expected: string): AccountError {
  return new AccountError(
    "bad-limit",
    `limits.${name}: ${String(JSON.stringify(value)).slice(0, 100)} cannot be; ${expected}.`,
  );
}

function unknown(name: string): AccountError {
  return new AccountError(
    "bad-limit",
    `limits.${name.slice(0, 100)}: there is no such limit. There are ${limitNames.join(", ")}.`,
  );
}
