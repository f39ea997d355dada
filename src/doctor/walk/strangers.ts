// Who answers, by the name it gives itself, where another was meant.
import { providers } from "../../providers/catalogue/all.ts";
import { providerOfHost } from "../../providers/hosts.ts";
import type { Provider } from "../../providers/provider.ts";
import { isLoopback } from "../../smtp/endpoint.ts";
import type { WalkFacts } from "../facts.ts";
import type { Setting } from "../test.ts";

/** Programs that stand between client and server and greet in their own name. */
const interceptors =
  /avast|\bAVG\b|kaspersky|bitdefender|\beset\b|norton|mcafee|trend ?micro|sophos|fortimail|fortigate|barracuda|proxsmtp|smtp proxy|mail ?scanner|spam ?assassin proxy|mailmarshal/i;

/** Second labels under which countries register names. */
const publicSeconds = new Set(["co", "com", "net", "org", "gov", "edu", "ac", "ne", "or", "go"]);

export interface Stranger {
  /** The name as given. */
  readonly name: string;
  /** Whose it is, where the catalogue knows. */
  readonly provider: Provider | null;
  readonly interceptor: string | null;
}

/**
 * Null when the names fit, tell nothing, or do not matter: a certificate that was verified proves the server, and
 * then a name in the greeting is decoration.
 */
export function strangerIn(setting: Setting, walk: WalkFacts): Stranger | null {
  const expected = setting.provider ?? providerOfHost(setting.endpoint.host);
  if (expected === null || walk.protocol !== null) return null;
  const line = walk.greeting?.lines[0] ?? "";
  const [interceptor = null] = interceptors.exec(line) ?? [];
  // A name has at most 253 characters (RFC 1035 §2.3.4); what is longer is noise.
  const given = [firstName(line) ?? "", walk.clear?.name ?? ""].filter(
    ({ length }) => length > 0 && length <= 253,
  );
  if (interceptor !== null && !namesOf(expected).has(interceptor.toLowerCase()))
    return { name: given[0] ?? line.slice(0, 100), provider: null, interceptor };
  const own = namesOf(expected);
  const strange = given.find((name) => /[a-z]\.[a-z]{2,}\.?$/i.test(name) && !own.has(registered(name)));
  if (strange === undefined || isLoopback(strange)) return null;
  const other = providers.find((entry) => entry !== expected && namesOf(entry).has(registered(strange)));
  // An unknown name alone says little: providers have many. With a certificate of somebody else it says all.
  const isProven = other !== undefined || walk.failure?.facts.certificate !== undefined;
  return isProven ? { name: strange, provider: other ?? null, interceptor: null } : null;
}

function firstName(line: string): string | null {
  const [name = ""] = line.trim().split(/\s+/);
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+\.?$/i.test(name) ? name : null;
}

/** Every registered name that a server of this provider may bear. */
function namesOf(entry: Provider): ReadonlySet<string> {
  const greeting = entry.wire.greeting.match(/[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi) ?? [];
  return new Set(
    [
      ...entry.endpoints.map(({ host }) => host),
      ...entry.regions.map(({ host }) => host),
      ...entry.legacyHosts,
      ...entry.domains,
      ...entry.mxSuffixes,
      ...greeting,
    ].map(registered),
  );
}

/** The part of a name that somebody registered, near enough to compare companies by. */
function registered(name: string): string {
  const labels = name.toLowerCase().replace(/\.$/, "").split(".");
  const second = labels.at(-2) ?? "";
  const isCountry = labels.length > 2 && (labels.at(-1) ?? "").length === 2 && publicSeconds.has(second);
  return labels.slice(isCountry ? -3 : -2).join(".");
}
