// An account's limits over HTTP: as a person sets them, and what holds in the end.
import Type, { type Static } from "typebox";
import type { Account, AccountLimits } from "../../accounts/account.ts";
import { type LimitName, type LimitSource, limitSourcesOf, limitsOf } from "../../accounts/limits.ts";
import { type LimitsInput, limitNames } from "../../accounts/limits-input.ts";

const meanings: Readonly<Record<LimitName, string>> = {
  perSecond: "Messages a second.",
  perMinute: "Messages or recipients (`unit`) in any minute.",
  perHour: "The same in any hour.",
  perDay: "The same in any 24 hours.",
  unit: "What minute, hour and day count: `messages` or `recipients`.",
  connections: "Connections at a time, 1 to 50.",
  messagesPerConnection: "Messages over one connection.",
  recipientsPerMessage: "Recipients in one transaction; a message to more goes in several.",
  messageSizeBytes: "Bytes of the encoded message.",
  urgentPercent: "Percent of each rate and of the connections that only urgent mail may use, 0 to 90.",
  keepAliveSeconds: "Seconds between two NOOPs on a connection without work, 1 to 300; null closes it.",
};

/** The same shape for every limit, so that the room that knows the ranges can say what is wrong with a value. */
const entered = (name: LimitName) =>
  Type.Unsafe<number | string | null>({
    type: ["integer", "string", "null"],
    description: `${meanings[name]} \`provider\` goes back to the provider's; null lifts what can be lifted.`,
  });

/** Of a request; null takes all of them back. One shape and no union, so that an error names the field that is wrong. */
export const LimitsInputShape = Type.Unsafe<LimitsInput | null>({
  type: ["object", "null"],
  properties: Object.fromEntries(limitNames.map((name) => [name, entered(name)])),
  additionalProperties: false,
  description:
    "Numbers in place of the provider's; what is absent stays as it is. Null goes back to the provider's in all.",
});

const NumberOrNull = Type.Union([Type.Null(), Type.Integer()]);
const unit = Type.Enum(["messages", "recipients"]);

/** Those that are set for this account. */
export const LimitsShape = Type.Object(
  {
    perSecond: Type.Optional(NumberOrNull),
    perMinute: Type.Optional(NumberOrNull),
    perHour: Type.Optional(NumberOrNull),
    perDay: Type.Optional(NumberOrNull),
    unit: Type.Optional(unit),
    connections: Type.Optional(Type.Integer()),
    messagesPerConnection: Type.Optional(NumberOrNull),
    recipientsPerMessage: Type.Optional(Type.Integer()),
    messageSizeBytes: Type.Optional(NumberOrNull),
    urgentPercent: Type.Optional(Type.Integer()),
    keepAliveSeconds: Type.Optional(NumberOrNull),
  },
  { description: "The numbers that are set for this account, in place of the provider's." },
);

const from = Type.Enum(["account", "provider", "default", "budget"], {
  description: "Set for this account, known of its provider, for want of both, or following from a budget.",
});
const Effective = Type.Object({ value: NumberOrNull, from });

export const EffectiveLimitsShape = Type.Object(
  {
    perSecond: Effective,
    perMinute: Effective,
    perHour: Effective,
    perDay: Effective,
    unit: Type.Object({ value: unit, from }),
    connections: Effective,
    messagesPerConnection: Effective,
    recipientsPerMessage: Effective,
    messageSizeBytes: Effective,
    urgentPercent: Effective,
    keepAliveSeconds: Effective,
    reservedConnections: Type.Integer({
      description: "Of the connections, how many only urgent mail may use.",
    }),
  },
  { description: "What holds in the end, and whose number it is. A value of null is no limit." },
);

export function shownLimits(limits: AccountLimits): Static<typeof LimitsShape> {
  return { ...limits };
}

export function shownEffectiveLimits(account: Account): Static<typeof EffectiveLimitsShape> {
  const limits = limitsOf(account);
  const sources = limitSourcesOf(account);
  const shown = <Value extends number | string | null>(
    name: LimitName,
    value: Value,
  ): { value: Value; from: LimitSource } => ({
    value,
    from: sources[name],
  });
  return {
    perSecond: shown("perSecond", limits.perSecond),
    perMinute: shown("perMinute", limits.perMinute),
    perHour: shown("perHour", limits.perHour),
    perDay: shown("perDay", limits.perDay),
    unit: shown("unit", limits.unit),
    connections: shown("connections", limits.connections),
    messagesPerConnection: shown("messagesPerConnection", limits.messagesPerConnection),
    recipientsPerMessage: shown("recipientsPerMessage", limits.recipientsPerMessage),
    messageSizeBytes: shown("messageSizeBytes", limits.messageSizeBytes),
    urgentPercent: shown("urgentPercent", Math.round(limits.urgentShare * 100)),
    keepAliveSeconds: shown(
      "keepAliveSeconds",
      limits.keepAliveMs === null ? null : limits.keepAliveMs / 1000,
    ),
    reservedConnections: limits.reservedConnections,
  };
}
