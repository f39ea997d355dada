// One account as a person looks at it: its login, its state, its limits and where each comes from.
import type { Verdict } from "../../causes/verdict.ts";
import { provider } from "../../providers/catalogue.ts";
import { type LimitField, limitFlags } from "./account-flags.ts";
import { type Output, plain } from "./output.ts";

interface Place {
  readonly host: string;
  readonly port: number;
  readonly security: "tls" | "starttls" | "none";
}

interface ShownLimit {
  readonly value: number | string | null;
  readonly from: "account" | "provider" | "default" | "budget";
}

/** An account as the HTTP API shows it. */
export interface ShownAccount {
  readonly name: string;
  readonly provider: string | null;
  readonly endpoint: Place;
  readonly alternates: readonly Place[] | null;
  readonly endpoints: readonly Place[];
  readonly username: string | null;
  readonly secretKind: string;
  readonly from: string | null;
  readonly senderPolicy: "refuse" | "own-address" | null;
  readonly effectiveLimits: Readonly<Record<LimitField, ShownLimit>> & {
    readonly reservedConnections: number;
  };
  readonly default: boolean;
  readonly parked: { readonly at: string; readonly verdict: Verdict } | null;
  readonly createdAt: string;
}

/** The account that follows the sandbox; nobody can change it. */
const builtIn = "sandbox";

export const placeText = ({ host, port, security }: Place) =>
  `${host.includes(":") ? `[${host}]` : host}:${port} (${security})`;

const policyText = {
  refuse: "refuse: mail from another address takes another account",
  "own-address": "own-address: mail from another address leaves under this one",
} as const;

export function showAccount(out: Output, account: ShownAccount): void {
  const others = account.endpoints.slice(1).map(placeText);
  out.table([
    ["name", `${account.name}${account.default ? " (default)" : ""}`],
    ["provider", account.provider ?? "-"],
    ["endpoint", placeText(account.endpoint)],
    ...others.map((place, index) => [index === 0 ? "or else" : "", place]),
    ["username", account.username ?? "-"],
    ["secret", account.secretKind === "none" ? "none" : `${account.secretKind}, stored encrypted`],
    ["from", account.from ?? "-"],
    ...(account.senderPolicy === null ? [] : [["senders", policyText[account.senderPolicy]]]),
    [
      "state",
      account.parked === null
        ? "ready"
        : `parked since ${account.parked.at}: ${account.parked.verdict.cause}`,
    ],
    ["added", account.createdAt],
  ]);
  showLimits(out, account);
  if (account.parked !== null) {
    out.line();
    out.prose(plain(account.parked.verdict.message));
    out.line(`A new secret: postrider account change ${account.name}`);
    out.line(`Mended elsewhere: postrider account resume ${account.name}`);
  }
}

function showLimits(out: Output, account: ShownAccount): void {
  const { effectiveLimits: limits } = account;
  const known = account.provider === null ? null : provider(account.provider);
  const unverified = known?.limits.source.includes("recalled") ? " (unverified)" : "";
  const whose = {
    account: "set here",
    provider: `${known?.name ?? "the provider"}${unverified}`,
    default: "default",
    budget: "follows from the budget",
  } as const;
  const rows = limitFlags
    .filter(([, field]) => field !== "unit")
    .map(([flag, field]) => {
      const { from } = limits[field];
      const cells = [valueText(field, account), whose[from]];
      return [flag, ...cells.map((cell) => (from === "default" ? out.paint("dim", cell) : cell))];
    });
  out.line();
  out.table([["LIMIT", "VALUE", "FROM"].map((title) => out.paint("dim", title)), ...rows]);
  if (account.name === builtIn) return;
  const { perDay, perDayUnit = "messages", perDayOf, notes } = known?.limits ?? {};
  out.line();
  if (perDayOf !== undefined && limits.perDay.from === "default")
    out.prose(
      `The smallest plan of ${known?.name} allows ${perDay} ${perDayUnit} a day. If that is yours, say so: postrider account change ${account.name} --limit per-day=${perDay}`,
    );
  if (notes !== undefined) out.prose(`${known?.name}: ${notes}`);
  out.line(`Change one: postrider account change ${account.name} --limit NAME=VALUE`);
}

function valueText(field: LimitField, { effectiveLimits: limits }: ShownAccount): string {
  const { value } = limits[field];
  if (value === null) return field === "keepAliveSeconds" ? "off" : "no limit";
  switch (field) {
    case "perMinute":
    case "perHour":
    case "perDay":
      return `${value} ${limits.unit.value}`;
    case "perSecond":
      return `${value} messages`;
    case "connections": {
      const kept = limits.reservedConnections;
      return kept === 0 ? `${value}` : `${value}, ${kept} of them for urgent mail only`;
    }
    case "messageSizeBytes":
      return `${(Number(value) / 2 ** 20).toFixed(1)} MiB`;
    case "urgentPercent":
      return `${value} % of each rate`;
    case "keepAliveSeconds":
      return `every ${value} s`;
    default:
      return String(value);
  }
}
