// A provider's behaviour as rules, made from its entry in the catalogue and from nothing else.
import type { Provider } from "../providers/provider.ts";
import { type Answer, answer, type Effect } from "./answer.ts";
import type { Catcher } from "./catcher.ts";
import type { DemoCredentials } from "./demo.ts";
import type { FaultStage } from "./fault.ts";
import { answerOf, knownFor } from "./faults.ts";
import { bareAddresses, headerFields, unfoldedField } from "./header.ts";
import { keep } from "./keep.ts";
import type { ReceivedMessage, Rules, SessionFacts, SignInAttempt } from "./rules.ts";

export interface ReplicaSetting {
  readonly provider: Provider;
  readonly credentials: DemoCredentials;
  readonly catcher: Catcher | null;
  /** Addresses and domains that a provider with verified identities lets the account send from. */
  readonly identities: readonly string[];
  /** Messages (or recipients, where the provider counts those) before the day's quota is used up; null for no end. */
  readonly perDay: number | null;
}

export function replicaRules(setting: ReplicaSetting): Rules {
  const { provider, credentials, catcher } = setting;
  const own = (cause: string, stage: FaultStage, code: number, ...lines: string[]): Effect =>
    effectOf(ownReply(provider, cause, stage) ?? { code, lines, close: code === 421 });
  const noTls = ownReply(provider, "ehlo.starttls-required", "mail");
  /** A provider that has a port without TLS takes sign-in there. */
  const clearAllowed = provider.endpoints.some((endpoint) => endpoint.security === "none");
  const beforeTls = (facts: SessionFacts): Effect | null =>
    !facts.secured && !clearAllowed && noTls !== null ? effectOf(noTls) : null;
  const knownRefusal = knownFor(senderCause(provider), ["mail", "content"], provider);
  const senderStage = knownRefusal?.stage === "content" ? "content" : "mail";
  const senderRefusal: Effect =
    knownRefusal === null
      ? answer(553, "5.7.1 Sender address not owned by user")
      : effectOf(answerOf(knownRefusal));
  const { recipientsPerMessage, messagesPerConnection, perDayUnit } = provider.limits;
  let spent = 0;

  return {
    greeting: provider.wire.greeting,
    name: provider.endpoints[0]?.host ?? provider.id,
    // Coremail and AliMail prompt in lower case and upper case mixed, which clients that compare prompts trip over.
    ...(/coremail|alimail/i.test(provider.wire.greeting)
      ? { loginPrompts: ["username:", "Password:"] as const }
      : {}),
    capabilities: (facts) => (facts.secured ? provider.wire.secured : provider.wire.clear),
    secretOf: (username) => (isUser(username, credentials) ? credentials.secret : null),
    auth: beforeTls,
    signIn: (_facts, attempt) => {
      const refusal = refusedSignIn(provider, credentials, attempt);
      return refusal === null ? null : own(refusal, "auth", 535, "5.7.8 Authentication failed");
    },
    mail: (facts, from) => {
      const early = beforeTls(facts);
      if (early !== null) return early;
      if (facts.username === null && !provider.secret.kinds.includes("none")) {
        return own("envelope.authentication-required", "mail", 530, "5.7.0 Authentication required");
      }
      if (messagesPerConnection !== undefined && facts.messages >= messagesPerConnection) {
        return own("banner.421-busy-or-limited", "mail", 421, "4.7.0 Too many messages on this connection");
      }
      return senderStage === "mail" && !maySend(setting, from) ? senderRefusal : null;
    },
    rcpt: (_facts, envelope) => {
      if (recipientsPerMessage === undefined || envelope.to.length < recipientsPerMessage) return null;
      return own("envelope.too-many-recipients", "rcpt", 452, "4.5.3 Too many recipients");
    },
    tooLarge: () => own("envelope.too-large", "content", 552, "5.3.4 Message size exceeds fixed limit"),
    content: (_facts, message) => {
      const from = headerFrom(message);
      const senders = [message.envelope.from, ...from];
      if (senderStage === "content" && !senders.every((one) => maySend(setting, one))) return senderRefusal;
      const cost = perDayUnit === "recipients" ? message.envelope.to.length : 1;
      if (setting.perDay !== null && spent + cost > setting.perDay) {
        return own("envelope.daily-quota", "content", 550, "5.4.5 Daily sending quota exceeded");
      }
      const taken =
        provider.sender.rule === "rewritten" ? rewriteFrom(message, from, credentials.from) : message;
      const full = keep(catcher, taken);
      if (full === null) spent += cost;
      return full;
    },
  };
}

function ownReply(provider: Provider, cause: string, stage: FaultStage): Answer | null {
  const known = knownFor(cause, [stage], provider);
  return known === null ? null : answerOf(known);
}

function effectOf(reply: Answer): Effect {
  return { do: "answer", answer: reply };
}

function senderCause(provider: Provider): string {
  return provider.sender.rule === "verified-identity"
    ? "envelope.sender-not-verified"
    : "envelope.sender-not-owned";
}

/** The cause for which a sign-in is refused; null when it is right. */
function refusedSignIn(
  provider: Provider,
  credentials: DemoCredentials,
  attempt: SignInAttempt,
): string | null {
  const { proof, username } = attempt;
  const user = isUser(username, credentials);
  const wrong = "auth.bad-credentials";
  if (proof.kind === "token") return user && proof.token === credentials.accessToken ? null : wrong;
  if (credentials.secret === null) return "auth.basic-auth-disabled";
  if (proof.kind === "compared") return user && proof.correct ? null : wrong;
  if (user && proof.password === credentials.secret) return null;
  // What has not the shape of an app password or code is most likely the account's own password.
  const { pattern, kinds } = provider.secret;
  const accountPassword = pattern !== undefined && !new RegExp(pattern, "u").test(proof.password);
  if (!accountPassword) return wrong;
  const telling = kinds.includes("authorization-code")
    ? "auth.authorization-code-required"
    : "auth.app-password-required";
  return provider.replies.some((reply) => reply.cause === telling) ? telling : wrong;
}

function isUser(username: string, credentials: DemoCredentials): boolean {
  return username.toLowerCase() === credentials.username.toLowerCase();
}

/** Whether the sender rule lets the account send from this address. */
function maySend(setting: ReplicaSetting, address: string): boolean {
  const { provider, credentials, identities } = setting;
  const wanted = address.toLowerCase();
  switch (provider.sender.rule) {
    case "must-equal-login":
      return wanted === credentials.from.toLowerCase();
    case "verified-identity": {
      const domain = wanted.slice(wanted.lastIndexOf("@") + 1);
      return identities.some((one) => one.toLowerCase() === wanted || one.toLowerCase() === domain);
    }
    default:
      return true;
  }
}

function headerFrom(message: ReceivedMessage): readonly string[] {
  return bareAddresses(unfoldedField(headerFields(message.source()), "from") ?? "");
}

/** Puts the account's address in place of a foreign From and keeps the old field under another name, as Gmail does. */
function rewriteFrom(message: ReceivedMessage, from: readonly string[], address: string): ReceivedMessage {
  const source = message.source();
  const field = headerFields(source).find((one) => one.name.toLowerCase() === "from");
  if (field === undefined || from.every((one) => one.toLowerCase() === address.toLowerCase())) return message;
  const name = /^\s*(".*?"|[^<"]*?)\s*</.exec(field.value)?.[1] ?? "";
  const header = `From: ${name === "" ? address : `${name} <${address}>`}\r\nX-Google-Original-From: ${field.value}\r\n`;
  const rewritten = Buffer.concat([
    source.subarray(0, field.start),
    Buffer.from(header),
    source.subarray(field.end),
  ]);
  return { ...message, size: rewritten.length, source: () => rewritten };
}
