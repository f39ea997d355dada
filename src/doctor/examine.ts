// Takes all looks, side by side where they do not build on each other, and brings the facts back in time.
import type { DoctorOptions } from "./diagnosis.ts";
import { endAfter, inTime, within } from "./end.ts";
import type { Facts, Look, NameFacts, ReachFacts, WalkFacts } from "./facts.ts";
import { lookAtFirewall } from "./firewall/look.ts";
import { lookAtMachine } from "./machine/look.ts";
import { lookAtNames } from "./names/look.ts";
import { lookAtControls, lookAtReach } from "./reach/look.ts";
import type { Fault, LookName, Seen } from "./seen.ts";
import { lookAtSender } from "./sender/look.ts";
import { here, type Surroundings } from "./surroundings.ts";
import type { Setting } from "./test.ts";
import { lookAtChain } from "./tls/chain.ts";
import { lookAtClock } from "./tls/clock.ts";
import { lookAtRuntime } from "./tls/runtime.ts";
import { lookAtTls } from "./tls/scan.ts";
import { lookAtWalk } from "./walk/look.ts";

/** Milliseconds. */
export interface Bounds {
  /** After this a look has to come back with what it has. */
  readonly whole: number;
  /** What it has for coming back; then it is left behind. */
  readonly grace: number;
  /** How much longer a patient run may take: the minute that a greeting may be kept back, less what it has anyway. */
  readonly patience: number;
  /** How much longer a run with a real message may take: servers look at content before they take it. */
  readonly message: number;
  /** How long the firewall's look waits for the addresses: without them it tells the same rules, only fewer of them. */
  readonly addresses: number;
}

/** The whole within fifteen seconds, with some of it for the conclusion. */
export const usualBounds: Bounds = {
  whole: 14_000,
  grace: 500,
  patience: 54_000,
  message: 60_000,
  addresses: 1_000,
};

export interface Examining
  extends Pick<DoctorOptions, "to" | "language" | "signal" | "controls" | "metadata" | "patient"> {
  /** The message for `to`. */
  readonly content?: Uint8Array;
  /** Called as each look comes back, with all that is there by then. */
  readonly onSeen?: (seen: Seen, faults: readonly Fault[]) => void;
  readonly bounds?: Bounds;
  /** The machine as the looks see it. Default: as it is. */
  readonly surroundings?: (ended: AbortSignal, controls: boolean) => Surroundings;
}

export interface Examined {
  readonly facts: Facts;
  readonly faults: readonly Fault[];
}

/** Resolves in every case and within the bounds. What was not seen says why. */
export async function examine(setting: Setting, options: Examining = {}): Promise<Examined> {
  const { bounds = usualBounds, signal, to, patient = false } = options;
  const whole = bounds.whole + (patient ? bounds.patience : 0);
  using end = endAfter(whole, signal);
  using walkEnd = endAfter(whole + (to === undefined ? 0 : bounds.message), signal);
  const around = (options.surroundings ?? here)(end.signal, options.controls ?? true);
  const ofWalk: Surroundings = { ...around, ended: walkEnd.signal };
  const faults: Fault[] = [];
  const seen: { -readonly [Name in keyof Seen]: Seen[Name] } = { setting, at: around.now() };

  const take = async <T>(
    name: LookName,
    look: () => Promise<T | null>,
    ended = end.signal,
  ): Promise<Look<T>> => {
    const began = performance.now();
    const ms = () => Math.round((performance.now() - began) * 10) / 10;
    try {
      const back = await inTime(look, ended, bounds.grace);
      if (back === null) return { seen: null, ms: ms(), why: "cut" };
      const { facts } = back;
      return facts === null ? { seen: null, ms: ms(), why: "unable" } : { seen: facts, ms: ms() };
    } catch (error) {
      faults.push({ look: name, error });
      return { seen: null, ms: ms(), why: "unable" };
    }
  };
  const keep = async <Name extends LookName>(
    name: Name,
    look: Promise<Facts[Name]>,
  ): Promise<Facts[Name]> => {
    const facts = await look;
    seen[name] = facts as Seen[Name];
    options.onSeen?.(seen, faults);
    return facts;
  };
  const afterWalk = async <T>(
    name: LookName,
    isWanted: (walk: WalkFacts) => boolean,
    look: (walk: WalkFacts) => Promise<T | null>,
  ): Promise<Look<T>> => {
    const { seen: walked } = await walk;
    if (walked === null) return notTaken("unable");
    return isWanted(walked) ? take(name, () => look(walked)) : notTaken("unneeded");
  };
  const reachAndControls = async (): Promise<Look<ReachFacts>> => {
    const first = await take("reach", () => lookAtReach(setting, around));
    const { seen: reach } = first;
    if (reach === null) return first;
    const answers = reach.own.some(({ code }) => code === null);
    const suspicious = answers && isMetByAStranger((await walk).seen);
    const second = await take("reach", () => lookAtControls(setting, around, reach, { suspicious }));
    return second.seen === null ? first : { seen: second.seen, ms: first.ms + second.ms };
  };

  // The walk is first in line for a connection: it is what the person waits for.
  const walk = keep(
    "walk",
    take("walk", () => lookAtWalk(setting, ofWalk, walkOptions(options)), walkEnd.signal),
  );
  const names = keep(
    "names",
    take("names", () => lookAtNames(setting, around)),
  );
  const rules = async () => {
    const addresses = addressesOf(await within(names, bounds.addresses));
    return take("firewall", () => lookAtFirewall(around, portsOf(setting), addresses));
  };
  const metadata = options.metadata ?? false;

  const reach = keep("reach", reachAndControls());
  const firewall = keep("firewall", rules());
  const machine = keep(
    "machine",
    take("machine", () => lookAtMachine(around, { metadata })),
  );
  const runtime = keep(
    "runtime",
    take("runtime", () => lookAtRuntime(around)),
  );
  const sender = keep(
    "sender",
    take("sender", () => lookAtSender(setting, around)),
  );
  const scan = (walked: WalkFacts) => lookAtTls(setting, around, walked);
  const tls = keep("tls", afterWalk("tls", failedInHandshake, scan));
  const chain = keep(
    "chain",
    afterWalk("chain", failedByCertificate, ({ peer }) => lookAtChain(setting, around, peer)),
  );
  const clock = keep(
    "clock",
    afterWalk("clock", failedByDates, () => lookAtClock(around)),
  );
  const facts = {
    setting,
    at: seen.at,
    names: await names,
    reach: await reach,
    firewall: await firewall,
    machine: await machine,
    runtime: await runtime,
    tls: await tls,
    chain: await chain,
    clock: await clock,
    walk: await walk,
    sender: await sender,
  };
  return { facts, faults };
}

const notTaken = (why: "unable" | "unneeded") => ({ seen: null, ms: 0, why }) as const;

function walkOptions({ to, content, patient, language = "en" }: Examining) {
  return {
    language,
    ...(to === undefined ? {} : { to }),
    ...(content === undefined ? {} : { content }),
    ...(patient === undefined ? {} : { patient }),
  };
}

/** Ports that mail is submitted at anywhere, beside those of the setting and its provider. */
const usualPorts = [25, 465, 587, 2525] as const;

function portsOf({ endpoint, provider }: Setting): readonly number[] {
  const offered = provider?.endpoints.map(({ port }) => port) ?? [];
  return [...new Set([endpoint.port, ...offered, ...usualPorts])];
}

function addressesOf(names: Look<NameFacts> | null): readonly string[] {
  const { system, hosts } = names?.seen ?? { system: { addresses: [] }, hosts: [] };
  return [...new Set([...system.addresses, ...hosts].map(({ address }) => address))];
}

/** What came after the connection is not what this server would say: somebody else may have taken the connection. */
function isMetByAStranger(walk: WalkFacts | null): boolean {
  const stage = walk?.failure?.facts.stage;
  return stage === "greeting" || stage === "ehlo" || stage === "starttls" || stage === "tls";
}

function failedInHandshake({ failure, greeting }: WalkFacts): boolean {
  if (failure === null || failure.facts.certificate !== undefined) return false;
  const { stage } = failure.facts;
  return stage === "tls" || stage === "starttls" || (stage === "greeting" && greeting === null);
}

function failedByCertificate({ failure, verdict }: WalkFacts): boolean {
  return failure?.facts.certificate !== undefined || verdict?.cause.startsWith("cert.") === true;
}

const ofDates: readonly (string | null)[] = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];

function failedByDates({ failure }: WalkFacts): boolean {
  return failure !== null && ofDates.includes(failure.facts.code);
}
