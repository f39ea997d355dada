// The flags of a stored account beside its login: limits, other ways to the service, whose address mail bears.
import { type Command, InvalidArgumentError, Option } from "commander";
import { duration, portNumber } from "./common.ts";

/** A limit's name on the command line, beside its name over HTTP. */
export const limitFlags = [
  ["per-second", "perSecond"],
  ["per-minute", "perMinute"],
  ["per-hour", "perHour"],
  ["per-day", "perDay"],
  ["unit", "unit"],
  ["connections", "connections"],
  ["messages-per-connection", "messagesPerConnection"],
  ["recipients-per-message", "recipientsPerMessage"],
  ["message-size", "messageSizeBytes"],
  ["urgent-percent", "urgentPercent"],
  ["keep-alive", "keepAliveSeconds"],
] as const;

export type LimitField = (typeof limitFlags)[number][1];

type Limits = { readonly [Field in LimitField]?: number | string | null };

/** A place as a flag names it; what is left out is filled in as for an endpoint. */
export interface Alternate {
  readonly host: string;
  readonly port: number;
  readonly security?: "tls" | "starttls" | "none";
}

export interface AccountFlags {
  readonly limit?: Limits;
  /** `provider`: back to the catalogue's. */
  readonly alternate?: readonly Alternate[] | "provider";
  readonly senderPolicy?: "refuse" | "own-address" | "default";
}

/** What the HTTP API takes of these. */
export interface AccountFields {
  readonly limits?: Limits;
  readonly alternates?: readonly Alternate[] | null;
  readonly senderPolicy?: "refuse" | "own-address" | null;
}

export function withAccountFlags(command: Command): Command {
  return command
    .option(
      "--limit <name=value>",
      `a number of your own in place of the provider's; may be repeated. Names: ${limitFlags.map(([flag]) => flag).join(", ")}. Value none lifts a limit, provider goes back to the provider's`,
      limit,
    )
    .option(
      "--alternate <host:port[:security]>",
      "another way to the same service, tried while the endpoint fails; may be repeated. none: no other; provider: those that the catalogue knows",
      alternate,
    )
    .addOption(
      new Option(
        "--sender-policy <policy>",
        "what becomes of mail from another address: refuse it here, send it under this account's own-address with the original in Reply-To, or default (as it is; own-address after a failover to a provider that takes no other)",
      ).choices(["refuse", "own-address", "default"]),
    );
}

export function accountFields({ limit, alternate, senderPolicy }: AccountFlags): AccountFields {
  return {
    ...(limit === undefined ? {} : { limits: limit }),
    ...(alternate === undefined ? {} : { alternates: alternate === "provider" ? null : alternate }),
    ...(senderPolicy === undefined ? {} : { senderPolicy: senderPolicy === "default" ? null : senderPolicy }),
  };
}

function limit(text: string, before: Limits = {}): Limits {
  const [, flag = "", value = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const field = limitFlags.find(([name]) => name === flag)?.[1];
  if (field === undefined)
    throw new InvalidArgumentError(
      `Write NAME=VALUE, such as per-day=500, with one of ${limitFlags.map(([name]) => name).join(", ")}.`,
    );
  return { ...before, [field]: limitValue(field, flag, value) };
}

function limitValue(field: LimitField, flag: string, value: string): number | string | null {
  if (value === "none") return null;
  if (value === "provider" || field === "unit") return value;
  if (field === "keepAliveSeconds") return Math.round(duration(value));
  const size =
    field === "messageSizeBytes" ? /^(\d+)(?:([kMG])(?:i?B)?)?$/.exec(value) : /^(\d+)$/.exec(value);
  if (size === null)
    throw new InvalidArgumentError(
      field === "messageSizeBytes"
        ? `${flag} is a size such as 10M, in units of 1024 kilobytes, or a number of bytes; or none, or provider.`
        : `${flag} is a whole number, none, or provider.`,
    );
  return Number(size[1]) * { k: 2 ** 10, M: 2 ** 20, G: 2 ** 30, "": 1 }[size[2] ?? ""]!;
}

function alternate(
  text: string,
  before: NonNullable<AccountFlags["alternate"]> = [],
): NonNullable<AccountFlags["alternate"]> {
  if (text === "none") return [];
  if (text === "provider") return text;
  const [, bracketed, bare, port, security] =
    /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)(?::(tls|starttls|none))?$/.exec(text) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || port === undefined)
    throw new InvalidArgumentError(
      "Write HOST:PORT or HOST:PORT:SECURITY, with tls, starttls or none for the security; or none, or provider.",
    );
  const place = { host, port: portNumber(port) };
  return [
    ...(before === "provider" ? [] : before),
    security === undefined ? place : { ...place, security: security as "tls" },
  ];
}
