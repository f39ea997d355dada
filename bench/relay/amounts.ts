// How much a turn is, and what a bench's command line takes of numbers and names.

export interface Amounts {
  readonly warmUp: number;
  readonly count: number;
  readonly singles: number;
  readonly bulk: number;
  readonly urgent: number;
}

/** @throws Error when it is no whole number, or out of bounds. */
export function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`--${name} ${text}: give a whole number from ${least} to ${most}`);
  return value;
}

/** In the order in which they are known. @throws Error for a name that is not. */
export function several<Name extends string>(
  flag: string,
  text: string,
  known: readonly Name[],
): readonly Name[] {
  const names = text.split(",");
  const strange = names.find((name) => !known.some((one) => one === name));
  if (strange !== undefined) throw new Error(`--${flag} ${strange}: there are ${known.join(", ")}`);
  return known.filter((one) => names.includes(one));
}

/** What every bench lets be chosen, with its own defaults. */
export const amountFlags = (defaults: Readonly<Record<keyof Amounts, number>>) => ({
  "warm-up": { type: "string", default: String(defaults.warmUp) } as const,
  messages: { type: "string", default: String(defaults.count) } as const,
  singles: { type: "string", default: String(defaults.singles) } as const,
  bulk: { type: "string", default: String(defaults.bulk) } as const,
  urgent: { type: "string", default: String(defaults.urgent) } as const,
});

/** @throws Error for an amount that cannot be. */
export function readAmounts(
  values: Readonly<Record<"warm-up" | "messages" | "singles" | "bulk" | "urgent", string>>,
): Amounts {
  return {
    warmUp: number("warm-up", values["warm-up"], 1, 1_000_000),
    count: number("messages", values.messages, 10, 1_000_000),
    singles: number("singles", values.singles, 0, 10_000),
    bulk: number("bulk", values.bulk, 10, 1_000_000),
    urgent: number("urgent", values.urgent, 1, 10_000),
  };
}
