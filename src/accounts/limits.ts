// What an account may do, by which endpoints and under whose address: its own settings before its provider's, and those
// before what suits everybody.
import { provider } from "../providers/catalogue.ts";
import type { Limits } from "../providers/provider.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { Account, AccountLimits } from "./account.ts";

/** RFC 5321 §4.5.3.1.8: what every server takes. */
const recipientsEverywhere = 100;
/** Few enough for every provider that says nothing. */
const connectionsUnsaid = 5;
/** SendGrid allows 10,000; each costs a handshake that this process has to compute, and more no longer make it faster. */
export const mostConnections = 50;
/** Some servers close a connection that has served for long, and none minds one that is replaced. */
const messagesPerConnectionUnsaid = 100;
/** Enough for a person at a password prompt, and a bulk run hardly misses it. */
const urgentPercentUnsaid = 10;

/** Null: no limit. */
export interface EffectiveLimits {
  /** Messages. */
  readonly perSecond: number | null;
  readonly perMinute: number | null;
  readonly perHour: number | null;
  readonly perDay: number | null;
  /** What minute, hour and day count. */
  readonly unit: "messages" | "recipients";
  /** At a time; 1 to 50. */
  readonly connections: number;
  /** Of them, for urgent mail only; at least one is left for the rest, so with a single connection there is none. */
  readonly reservedConnections: number;
  readonly messagesPerConnection: number | null;
  /** In one transaction; where recipients are counted, never more than the smallest budget lets through at once. */
  readonly recipientsPerMessage: number;
  /** Bytes of the encoded message. */
  readonly messageSizeBytes: number | null;
  /** The part of each rate that only urgent mail may use; 0 to 0.9. */
  readonly urgentShare: number;
  /** Between two NOOPs on a connection without work; null closes it. */
  readonly keepAliveMs: number | null;
}

/** Whose number it is: the account's own, its provider's, what suits everybody, or what follows from a budget. */
export type LimitSource = "account" | "provider" | "default" | "budget";

type Window = "perMinute" | "perHour" | "perDay";

export type LimitName = keyof AccountLimits;

export type LimitSources = Readonly<Record<LimitName, LimitSource>>;

/** Throws UnknownProvider when the catalogue no longer has the account's provider. */
export function limitsOf(account: Account): EffectiveLimits {
  const own = account.limits;
  const known = providerLimits(account);
  const connections = Math.min(own.connections ?? known.connections ?? connectionsUnsaid, mostConnections);
  const percent = own.urgentPercent ?? urgentPercentUnsaid;
  const either = (name: "messageSizeBytes" | "perSecond" | Window) =>
    own[name] === undefined ? (known[name] ?? null) : own[name];
  const windows = { perMinute: either("perMinute"), perHour: either("perHour"), perDay: either("perDay") };
  const unit = own.unit ?? known.unit ?? "messages";
  return {
    perSecond: either("perSecond"),
    ...windows,
    unit,
    connections,
    reservedConnections: reserved(connections, percent),
    messagesPerConnection:
      own.messagesPerConnection === undefined
        ? (known.messagesPerConnection ?? messagesPerConnectionUnsaid)
        : own.messagesPerConnection,
    recipientsPerMessage: Math.min(
      own.recipientsPerMessage ?? known.recipientsPerMessage ?? recipientsEverywhere,
      unit === "recipients" ? atOnce(Object.values(windows), percent) : Number.POSITIVE_INFINITY,
    ),
    messageSizeBytes: either("messageSizeBytes"),
    urgentShare: percent / 100,
    keepAliveMs: own.keepAliveSeconds == null ? null : own.keepAliveSeconds * 1000,
  };
}

/** Where each of them comes from. Throws as `limitsOf` does. */
export function limitSourcesOf(account: Account): LimitSources {
  const known = providerLimits(account);
  const source = (name: LimitName): LimitSource =>
    account.limits[name] !== undefined ? "account" : known[name] !== undefined ? "provider" : "default";
  const { connections, recipientsPerMessage } = limitsOf(account);
  const most = account.limits.recipientsPerMessage ?? known.recipientsPerMessage ?? recipientsEverywhere;
  return {
    perSecond: source("perSecond"),
    perMinute: source("perMinute"),
    perHour: source("perHour"),
    perDay: source("perDay"),
    unit: source("unit"),
    connections:
      account.limits.connections === undefined && (known.connections ?? 0) > connections
        ? "default"
        : source("connections"),
    messagesPerConnection: source("messagesPerConnection"),
    recipientsPerMessage: recipientsPerMessage < most ? "budget" : source("recipientsPerMessage"),
    messageSizeBytes: source("messageSizeBytes"),
    urgentPercent: source("urgentPercent"),
    keepAliveSeconds: source("keepAliveSeconds"),
  };
}

/**
 * Every way to the account's service, the chosen one first. Where the account names no alternates, they are the
 * catalogue's other endpoints on the same host: the secret was entered for that host, and TLS proves it there. None of
 * them is in clear.
 */
export function endpointsOf(account: Account): readonly Endpoint[] {
  return [account.endpoint, ...(account.alternates ?? knownAlternates(account))];
}

/**
 * The name that the certificate at this endpoint must bear, when it is not the endpoint's host. `serverName` tells of
 * the host that was entered with it; an alternate on another host has a certificate of its own.
 */
export function serverNameAt(account: Account, endpoint: Endpoint): string | null {
  return endpoint.host === account.endpoint.host ? account.serverName : null;
}

/**
 * Whether nothing but the account's own address (`account.from`) may stand in From.
 *
 * Where a person has set a policy, that says so: who knows the server knows better than a catalogue. Else it is the
 * provider's rule. `must-equal-login` refuses any other. `rewritten` puts its own address there without a word, and the
 * address to reply to is lost: rewriting it ourselves keeps that, and shows it. With `verified-identity` the person's
 * other domains are mostly verified too, and nobody here can know: the message is tried as it is. A server that no
 * catalogue knows demands nothing that we know of. An account without an address of its own has nothing to put there.
 */
export function demandsOwnSender({ from, senderPolicy, provider: id }: Account): boolean {
  if (from === null) return false;
  if (senderPolicy !== null) return true;
  const rule = id === null ? null : provider(id).sender.rule;
  return rule === "must-equal-login" || rule === "rewritten";
}

function knownAlternates({ provider: id, endpoint }: Account): readonly Endpoint[] {
  if (id === null) return [];
  return provider(id)
    .endpoints.filter(
      ({ host, port, security }) =>
        host === endpoint.host &&
        security !== "none" &&
        !(port === endpoint.port && security === endpoint.security),
    )
    .map(({ host, port, security }) => ({ host, port, security }));
}

/** The catalogue's limits by the names that an account has for them. A number that holds for the smallest plan only is no budget. */
function providerLimits({ provider: id }: Account): AccountLimits {
  const limits: Limits | null = id === null ? null : provider(id).limits;
  if (limits === null) return {};
  const perDay = limits.perDayOf === undefined ? limits.perDay : undefined;
  return Object.fromEntries(
    Object.entries({
      perSecond: limits.perSecond,
      perMinute: limits.perMinute,
      perHour: limits.perHour,
      perDay,
      unit: limits.perDayUnit,
      connections: limits.concurrentConnections,
      messagesPerConnection: limits.messagesPerConnection,
      recipientsPerMessage: limits.recipientsPerMessage,
      messageSizeBytes: limits.messageSizeBytes,
    } satisfies { [Name in LimitName]?: AccountLimits[Name] | undefined }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** Urgent mail has a connection of its own wherever there are two, unless the person wants none kept. */
function reserved(connections: number, percent: number): number {
  if (percent === 0) return 0;
  return Math.min(Math.max(1, Math.round((connections * percent) / 100)), connections - 1);
}

/** How many recipients mail of every lane can be let through at once; a message to more would wait for ever. */
function atOnce(windows: readonly (number | null)[], percent: number): number {
  const room = windows.map((limit) => {
    if (limit === null) return Number.POSITIVE_INFINITY;
    return limit < 2 ? limit : limit - Math.min(limit - 1, Math.max(1, Math.ceil((limit * percent) / 100)));
  });
  return Math.min(...room);
}
