// What the knocks come to, put together once for all that is read from them.
import { type CauseId, cause, causeIds } from "../../causes/book.ts";
import type { Facts, Knock, MachineFacts, ReachFacts } from "../facts.ts";
import { type Platform, platform } from "../machine/platforms.ts";
import { placeOf } from "../names/addresses.ts";

export interface Situation {
  readonly facts: Facts;
  readonly reach: ReachFacts;
  readonly host: string;
  readonly port: number;
  /** The knock that tells most of why no connection stands: IPv4's where there is a way for it. Null without any knock. */
  readonly own: Knock | null;
  /** Ports of this host that take connections, and that stay silent; the setting's own among them. */
  readonly open: readonly number[];
  readonly silent: readonly number[];
  /** Whether port 443 of the provider, and of somebody else, can be reached. Null where nobody tried. */
  readonly web: boolean | null;
  readonly elsewhere: boolean | null;
  /** Whether the same port of any other provider can be reached. */
  readonly others: boolean | null;
  /** Whether port 2525 of another provider can be reached. */
  readonly spare: boolean | null;
  /** How the knock at 192.0.2.1 ended; undefined where nobody tried. */
  readonly nowhere: Knock | undefined;
  readonly machine: MachineFacts | null;
  readonly platform: Platform | null;
}

export function situationOf(facts: Facts, reach: ReachFacts): Situation {
  const { host, port } = facts.setting.endpoint;
  const { controls, ports } = reach;
  const own = mostTelling(reach.own);
  const all = own === null ? ports : [{ ...own, port }, ...ports];
  const sorted = (list: readonly Knock[]) => [...new Set(list.map((one) => one.port))].sort((a, b) => a - b);
  const same = controls.others.filter((one) => one.port === port);
  const machine = facts.machine.seen;
  const silent = sorted(all.filter(({ code }) => code === "TIMEOUT"));
  return {
    facts,
    reach,
    host,
    port,
    own,
    open: sorted(all.filter(({ code }) => code === null)),
    silent,
    web: anyStands(controls.web),
    elsewhere: anyStands(controls.elsewhere),
    others: anyStands(same),
    spare: anyStands(controls.others.filter((one) => one.port === 2525)),
    nowhere: controls.nowhere.find((one) => one.port === port),
    machine,
    platform: machine === null || machine.platform === null ? null : platform(machine.platform),
  };
}

function anyStands(knocks: readonly Knock[]): boolean | null {
  return knocks.length === 0 ? null : knocks.some(({ code }) => code === null);
}

/** At once and from this machine: no packet left it. */
export const noWay = ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETDOWN", "ENONET"];

/** From the code that says most to the one that says least, as for sending. */
const telling = ["ECONNREFUSED", "ECONNRESET", "EPERM", "EACCES", "TIMEOUT", "EHOSTUNREACH"];

function mostTelling(own: readonly Knock[]): Knock | null {
  const standing = own.find(({ code }) => code === null);
  if (standing !== undefined) return standing;
  const rank = ({ code, family }: Knock) => {
    const at = telling.indexOf(code ?? "");
    // A refused IPv6 beside a silent IPv4 tells less of the block than IPv4 does; a family without a way tells nothing.
    return noWay.includes(code ?? "") ? 200 + family : family * 10 + (at < 0 ? telling.length : at);
  };
  return own.toSorted((one, other) => rank(one) - rank(other))[0] ?? null;
}

/** Whether the connection goes out into the world; rules of clouds and test networks say nothing of others. */
export function isPublic({ own }: Situation): boolean {
  return own !== null && placeOf(own.address) === "public";
}

/** No connection to anything: not even to the web. Null where that was not tried. */
export function isCutOff({ web, elsewhere }: Situation): boolean | null {
  if (web === null && elsewhere === null) return null;
  return web !== true && elsewhere !== true;
}

/** What a connection attempt alone can say, whatever lies behind it. */
const general: readonly CauseId[] = [
  "tcp.timeout",
  "tcp.refused-by-server",
  "tcp.admin-prohibited",
  "tcp.no-route",
  "tcp.reset",
  "tcp.failed",
];

/** Those that a finer cause accounts for. A named rule of this machine is finer still, and not among them. */
export function generalBut(id: CauseId): readonly CauseId[] {
  return general.filter((one) => one !== id);
}

/** What a dialogue may come to when somebody else answers in the server's place. */
export const effectsOfStranger: readonly CauseId[] = causeIds.filter((id) =>
  ["banner", "ehlo", "tls", "certificate"].includes(cause(id).layer),
);
