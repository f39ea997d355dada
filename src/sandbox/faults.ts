// Lays a fault over a set of rules: for every connection, or for the one transaction whose recipient asks for it.
import type { KnownReply, Provider } from "../providers/provider.ts";
import { type Answer, answer, type Effect } from "./answer.ts";
import type { CaughtEnvelope } from "./envelope.ts";
import { type Fault, type FaultName, type FaultStage, fault, isFaultName, type ReplyFault } from "./fault.ts";
import type { Rules, SessionFacts } from "./rules.ts";

export { type FaultName, fault, faultNames, isFaultName } from "./fault.ts";

/** Recipients under this domain ask for the fault that their local part names: `quota@fault.test`, `451@fault.test`. */
const faultDomain = "fault.test";

export interface FaultSetting {
  /** Its own reply is given where it is known to have one. */
  readonly provider?: Provider;
  /** How late `late-reply` is, in milliseconds. Default 30 s. */
  readonly lateMs?: number;
  /** Between two bytes of `slow-drip`, in milliseconds. Default 100. */
  readonly dripMs?: number;
}

const garbage = Buffer.from("00ff8e17c3285b0d0afe01a0d2000d0a", "hex");

/** The rules, with this fault on every connection. */
export function withFault(rules: Rules, name: FaultName, setting: FaultSetting = {}): Rules {
  const entry = fault(name);
  if (name === "starttls-missing") {
    return {
      ...rules,
      capabilities: (facts) => rules.capabilities(facts).filter((line) => line.toUpperCase() !== "STARTTLS"),
    };
  }
  if (name === "starttls-refused") {
    return { ...rules, starttls: () => answer(454, "4.7.0 TLS not available due to temporary reason") };
  }
  // What is left of the kind is a matter of the certificate, not of the dialogue.
  if (entry.kind === "tls") return rules;
  const { stage, effect } = resolve(entry, rules, setting);
  return at(stage, rules, effect, entry.kind === "wire" && entry.keeps === true);
}

/** The rules, with the faults that recipients at `fault.test` ask for. */
export function withAddressFaults(rules: Rules, setting: FaultSetting = {}): Rules {
  const wanted = (envelope: CaughtEnvelope, place: "receiving" | "content"): FaultName | null => {
    for (const recipient of envelope.to) {
      const name = faultOf(recipient);
      if (name !== null && isFaultName(name) && placeOf(name, rules, setting) === place) return name;
    }
    return null;
  };
  return {
    ...rules,
    rcpt: (facts, envelope, recipient) => {
      const name = faultOf(recipient);
      if (name === null) return rules.rcpt?.(facts, envelope, recipient) ?? null;
      const code = /^[45]\d\d$/.exec(name)?.[0];
      if (code !== undefined) return answer(Number(code), `${code.slice(0, 1)}.0.0 As the address asks`);
      if (!isFaultName(name)) return answer(550, `5.1.1 There is no fault "${name}"`);
      const entry = fault(name);
      if (entry.kind === "tls" || name === "starttls-plaintext") {
        return answer(
          550,
          `5.1.1 The fault "${name}" shows before any recipient is named: ask for it by flag`,
        );
      }
      if (placeOf(name, rules, setting) !== "rcpt") return rules.rcpt?.(facts, envelope, recipient) ?? null;
      if (entry.kind === "wire" && entry.move === "answer-then-drop") return { do: "drop" };
      return resolve(entry, rules, setting).effect(facts);
    },
    receiving: (facts, envelope, bytes) => {
      const name = wanted(envelope, "receiving");
      if (name !== null) return resolve(fault(name), rules, setting).effect(facts);
      return rules.receiving?.(facts, envelope, bytes) ?? null;
    },
    content: (facts, message) => {
      const name = wanted(message.envelope, "content");
      if (name === null) return rules.content?.(facts, message) ?? null;
      const entry = fault(name);
      const refused =
        entry.kind === "wire" && entry.keeps === true ? (rules.content?.(facts, message) ?? null) : null;
      return refused ?? resolve(entry, rules, setting).effect(facts);
    },
  };
}

/** What a server says for a fault: this provider's own reply where the catalogue has one. */
export function faultReply(entry: ReplyFault, provider?: Provider): Answer & { readonly stage: FaultStage } {
  for (const cause of entry.causes) {
    const known = knownFor(cause, [entry.stage], provider);
    if (known !== null) return { ...answerOf(known), stage: faultStageOf(known) ?? entry.stage };
  }
  return { ...closing(entry.code, [entry.text]), stage: entry.stage };
}

/** A known reply as the server gives it. */
export function answerOf(known: KnownReply): Answer {
  const lines = known.sample.split("\n");
  const [first = ""] = lines;
  const bare = known.enhanced !== null && !first.startsWith(known.enhanced);
  return closing(known.code, bare ? [`${known.enhanced} ${first}`, ...lines.slice(1)] : lines);
}

/** The provider's reply for a cause: one of these stages, in this order, else one that can come at any, else any. */
export function knownFor(
  cause: string,
  stages: readonly FaultStage[],
  provider: Provider | undefined,
): KnownReply | null {
  const candidates = provider?.replies.filter((one) => one.cause === cause && one.code >= 400) ?? [];
  for (const stage of [...stages, null]) {
    const found = candidates.find((one) => one.stage === stage);
    if (found !== undefined) return found;
  }
  return candidates[0] ?? null;
}

/** RFC 5321 §3.8: 421 says that the connection closes. */
function closing(code: number, lines: readonly string[]): Answer {
  return { code, lines, close: code === 421 };
}

function faultStageOf(known: KnownReply): FaultStage | null {
  switch (known.stage) {
    case "greeting":
    case "ehlo":
    case "starttls":
    case "auth":
    case "mail":
    case "rcpt":
    case "content":
      return known.stage;
    default:
      return null;
  }
}

type EffectAt = (facts: SessionFacts) => Effect;

function resolve(
  entry: Fault,
  rules: Rules,
  setting: FaultSetting,
): { readonly stage: FaultStage; readonly effect: EffectAt } {
  if (entry.kind === "reply") {
    const { stage, ...reply } = faultReply(entry, setting.provider);
    return { stage, effect: () => ({ do: "answer", answer: reply }) };
  }
  if (entry.kind === "tls") throw new TypeError("a fault of TLS has no place in the dialogue");
  const { stage } = entry;
  switch (entry.move) {
    case "drop":
      return { stage, effect: () => ({ do: "drop" }) };
    case "silence":
      return { stage, effect: () => ({ do: "silence" }) };
    case "garbage":
      return { stage, effect: () => ({ do: "bytes", bytes: garbage }) };
    case "endless":
      return { stage, effect: () => ({ do: "endless", code: 250, line: "and there is more" }) };
    case "drip":
      return { stage, effect: () => ({ do: "drip", ms: setting.dripMs ?? 100 }) };
    case "late": {
      const reply = { code: 250, lines: ["2.0.0 OK, at last"] };
      return { stage, effect: () => ({ do: "late", ms: setting.lateMs ?? 30_000, answer: reply }) };
    }
    case "answer-then-drop":
      return {
        stage,
        effect: (facts) => ({
          do: "answer",
          answer: { code: 250, lines: [rules.name, ...rules.capabilities(facts)], close: true },
        }),
      };
    case "plaintext-then-tls":
      return {
        stage,
        effect: () => ({
          do: "bytes",
          bytes: Buffer.from("220 Ready to start TLS\r\n250 Said in clear\r\n"),
        }),
      };
  }
}

/**
 * Where a fault asked for by address shows: one of an earlier stage at the recipient who asks. An account's fault
 * shows after the content, because at RCPT the same words would speak of the recipient.
 */
function placeOf(name: FaultName, rules: Rules, setting: FaultSetting): "rcpt" | "receiving" | "content" {
  const entry = fault(name);
  if (entry.kind === "tls") return "rcpt";
  const { stage } = resolve(entry, rules, setting);
  if (stage === "auth") return "content";
  return stage === "content" || stage === "receiving" ? stage : "rcpt";
}

function faultOf(recipient: string): string | null {
  const at = recipient.lastIndexOf("@");
  if (recipient.slice(at + 1).toLowerCase() !== faultDomain) return null;
  return recipient.slice(0, at).toLowerCase();
}

function at(stage: FaultStage, rules: Rules, effect: EffectAt, keeps: boolean): Rules {
  switch (stage) {
    case "connect":
      return { ...rules, connected: effect };
    case "greeting":
      return { ...rules, greet: effect };
    case "ehlo":
      return { ...rules, ehlo: effect };
    case "starttls":
      return { ...rules, starttls: effect };
    case "auth":
      return { ...rules, signIn: effect };
    case "mail":
      return { ...rules, mail: effect };
    case "rcpt":
      return { ...rules, rcpt: effect };
    case "receiving":
      return { ...rules, receiving: effect };
    case "content":
      return {
        ...rules,
        content: (facts, message) => {
          const refused = keeps ? (rules.content?.(facts, message) ?? null) : null;
          return refused ?? effect(facts);
        },
      };
  }
}
