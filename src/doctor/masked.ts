// A report that can be shown to anybody: who it is about, what they sign in with and where they sit is left out of it.
import { isIP } from "node:net";
import { hostname, networkInterfaces, userInfo } from "node:os";
import { cause, causeIds } from "../causes/book.ts";
import { providers } from "../providers/catalogue/all.ts";
import type { Credentials } from "../smtp/options.ts";
import type { Diagnosis, ShownFinding } from "./diagnosis.ts";
import type { Knock } from "./facts.ts";
import type { Seen } from "./seen.ts";
import type { Setting } from "./test.ts";

const mask = "***";

/** What would give this machine away. */
export interface Whereabouts {
  readonly addresses: readonly string[];
  /** Its name, as EHLO may give it. */
  readonly name: string;
  /** Who runs this, as paths may give it. */
  readonly user: string;
}

export class Masking {
  readonly #secrets: RegExp | null;
  readonly #names: RegExp | null;
  readonly #needles: readonly string[];
  readonly #mine: ReadonlySet<string>;
  /** Hosts and pages that everybody may know; what looks like a name in them is none. */
  readonly #known: readonly string[];
  readonly #others = new Set<string>();

  constructor(setting: Setting, { addresses, name, user }: Whereabouts = whereWeAre()) {
    const secrets = secretsOf(setting);
    const names = namesOf(setting, name, user);
    this.#secrets = patternOf(secrets, 4);
    this.#names = patternOf(names, 5);
    this.#needles = [...secrets, ...names].map((needle) => needle.toLowerCase());
    this.#mine = new Set(addresses.filter((address) => !isNobodys(address)).map(plain));
    this.#known = knownPlaces(setting);
  }

  /** Addresses of the mail server and of those on the way to it stay: they are what the report is about. */
  learn(seen: Seen): void {
    for (const address of peersOf(seen)) this.#others.add(plain(address));
  }

  finding<Shown extends ShownFinding>(shown: Shown): Shown {
    return {
      ...shown,
      detail: this.text(shown.detail),
      ...(shown.remedy === undefined ? {} : { remedy: this.#remedy(shown.remedy) }),
    };
  }

  diagnosis<Whole extends Omit<Diagnosis, "ms">>(whole: Whole): Whole {
    return {
      ...whole,
      remedy: whole.remedy === null ? null : this.#remedy(whole.remedy),
      evidence: whole.evidence.map((sentence) => this.text(sentence)),
      findings: whole.findings.map((finding) => this.finding(finding)),
      transcript: whole.transcript.map((line) => ({ ...line, text: this.text(line.text) })),
    };
  }

  #remedy({ title, explanation, steps, links }: NonNullable<Diagnosis["remedy"]>) {
    const each = (texts: readonly string[]) => texts.map((text) => this.text(text));
    return {
      title: this.text(title),
      explanation: this.text(explanation),
      steps: each(steps),
      links: each(links),
    };
  }

  /** Secrets first: what follows would cut them into pieces that nobody finds any more. */
  text(text: string): string {
    const hidden = this.#secrets === null ? text : text.replace(this.#secrets, mask);
    const decoded = hidden.replace(base64, (run) => (this.#isTelling(run) ? mask : run));
    const anonymous = decoded.replace(address, `${mask}$1`);
    return this.#withoutNames(anonymous).replace(numeric, (found) => (this.#isPublic(found) ? found : mask));
  }

  #withoutNames(text: string): string {
    if (this.#names === null) return text;
    const lower = text.toLowerCase();
    return text.replace(this.#names, (found, ...rest) => {
      const at = rest.find((part) => typeof part === "number") ?? 0;
      return this.#known.some((place) => stands(lower, place, at, found.length)) ? found : mask;
    });
  }

  /** Whether a run of base64, or of what looks like it, holds a name or a secret, wherever its groups of six bits begin. */
  #isTelling(run: string): boolean {
    return [0, 1, 2, 3].some((skipped) => {
      const bytes = Buffer.from(run.slice(skipped), "base64").toString("utf8").toLowerCase();
      return this.#needles.some((needle) =>
        needle.length < 3 ? skipped === 0 && bytes.split(/\p{Cc}/u).includes(needle) : bytes.includes(needle),
      );
    });
  }

  #isPublic(found: string): boolean {
    const at = plain(found);
    if (isIP(at) === 0) return true;
    return !this.#mine.has(at) && (isNobodys(at) || this.#others.has(at));
  }
}

/** Runs that could be base64 of three bytes or more, in either alphabet (RFC 4648 §4, §5). */
const base64 = /[A-Za-z0-9+/_-]{4,}={0,2}/g;

/** The domain of an address stays. Quoted local parts too (RFC 5321 §4.1.2). */
const address =
  /(?:"(?:[^"\\\n]|\\.){1,64}"|[\w.!#$%&'*+/=?^`{|}~-]{1,320})(@(?:\[[^\]\s]+\]|[\p{L}\p{N}][\p{L}\p{N}.-]*))/gu;

const numeric =
  /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)|(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}))(?:%\w+)?/gi;

/** Shorter ones only as words of their own: inside of others they say nothing and would garble them. */
function patternOf(needles: readonly string[], inside: number): RegExp | null {
  if (needles.length === 0) return null;
  const sought = needles
    .toSorted((one, other) => other.length - one.length)
    .map((needle) => {
      const literal = needle.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
      return needle.length < inside ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal;
    });
  return new RegExp(sought.join("|"), "giu");
}

function secretsOf({ credentials, proxy }: Setting): readonly string[] {
  const given = [secretOf(credentials), proxy?.password].filter((secret) => secret !== undefined);
  return unique(given.flatMap((secret) => [secret, secret.replace(/\s/gu, "")]));
}

function secretOf(credentials: Credentials | null): string | undefined {
  if (credentials === null) return undefined;
  return "password" in credentials ? credentials.password : credentials.accessToken;
}

/** Names of a role and of a system, which tell nobody who it is (RFC 2142 and custom). */
const roles: readonly string[] = [
  ...["abuse", "admin", "administrator", "alert", "alerts", "billing", "contact", "hello", "help", "info"],
  ...["mail", "mailer", "marketing", "news", "newsletter", "no-reply", "noreply", "notification"],
  ...["notifications", "office", "orders", "postmaster", "sales", "security", "service", "shop", "support"],
  ...["system", "team", "test", "webmaster"],
  ...["root", "node", "nobody", "app", "user", "www-data", "ubuntu", "debian", "ec2-user"],
];

function namesOf(
  { credentials, from, proxy, provider }: Setting,
  name: string,
  user: string,
): readonly string[] {
  const username = credentials?.username === provider?.username.value ? undefined : credentials?.username;
  const addresses = [username, from].filter((one) => one?.includes("@"));
  const locals = addresses.map((one) => (one ?? "").slice(0, one?.lastIndexOf("@")));
  const people = [...locals, ...locals.map((local) => local.replace(/\+.*/su, "")), user];
  return unique([
    ...people.filter((local) => !roles.includes(local.toLowerCase())),
    ...(username === undefined || username.includes("@") ? [] : [username]),
    ...(proxy?.username === undefined ? [] : [proxy.username]),
    // A bare name says nothing, and may well be a word.
    ...(name.includes(".") ? [name] : []),
  ]);
}

const unique = (texts: readonly string[]) => [...new Set(texts)].filter((text) => text !== "");

function knownPlaces({ endpoint, serverName }: Setting): readonly string[] {
  const ofProviders = providers.flatMap(({ endpoints, regions, legacyHosts, links, secret }) => [
    ...[...endpoints, ...regions].map(({ host }) => host),
    ...legacyHosts,
    ...links,
    secret.obtain.url ?? "",
  ]);
  const ofBook = causeIds.flatMap((id) => cause(id).links ?? []);
  return unique(
    [endpoint.host, serverName ?? "", ...ofProviders, ...ofBook].map((place) => place.toLowerCase()),
  );
}

/** Whether a place stands in a text so that it covers what was found there. */
function stands(text: string, place: string, at: number, length: number): boolean {
  for (let from = text.indexOf(place, Math.max(0, at + length - place.length)); from >= 0 && from <= at; ) {
    if (from + place.length >= at + length) return true;
    from = text.indexOf(place, from + 1);
  }
  return false;
}

function peersOf({ names, reach, walk }: Seen): readonly string[] {
  const resolved = names?.seen;
  const attempts = walk?.seen?.failure?.facts.attempts ?? [];
  const { own = [], ports = [], controls } = reach?.seen ?? {};
  const knocks: readonly Knock[] = [
    ...own,
    ...ports,
    ...(controls === undefined ? [] : [...controls.web, ...controls.elsewhere, ...controls.others]),
  ];
  return [
    ...(resolved?.system.addresses ?? []).map(({ address }) => address),
    ...(resolved?.hosts ?? []).map(({ address }) => address),
    ...(resolved?.servers ?? []).flatMap(({ server, a, aaaa }) => [server, ...a.values, ...aaaa.values]),
    ...knocks.map(({ address }) => address),
    ...[walk?.seen?.peer ?? "", ...attempts.map(({ address }) => address)].map((peer) =>
      peer.replace(/:\d+$/, ""),
    ),
  ];
}

/** One spelling for each address: without brackets, zone and capitals. */
function plain(address: string): string {
  const bare = address.replace(/^\[|\]$|%.*$/g, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  return mapped?.[1] ?? bare;
}

/** This very machine as every machine calls itself, or nothing at all (RFC 6890): no address that leads to anybody. */
function isNobodys(address: string): boolean {
  return /^(?:0\.0\.0\.0$|127\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|::1?$|2001:db8:)/i.test(address);
}

function whereWeAre(): Whereabouts {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return { addresses: addresses.map(({ address: own }) => own), name: hostname(), user: userName() };
}

/** A container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
