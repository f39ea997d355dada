// Mail servers of the stage: the sandbox's server with rules, and its replicas of providers.
import type { Provider } from "../../../src/providers/provider.ts";
import { answer, type Effect } from "../../../src/sandbox/answer.ts";
import { issue } from "../../../src/sandbox/certificates.ts";
import { type DemoCredentials, demoCredentials } from "../../../src/sandbox/demo.ts";
import { certificateNames } from "../../../src/sandbox/replica.ts";
import { replicaRules } from "../../../src/sandbox/replica-rules.ts";
import type { ReceivedMessage, Rules } from "../../../src/sandbox/rules.ts";
import { type ServerTls, startServer } from "../../../src/sandbox/server.ts";
import type { Security } from "../../../src/smtp/endpoint.ts";
import type { Service } from "../case.ts";

/** What a server says to one who signs in with these. */
export interface Mood {
  readonly username: string;
  readonly password: string;
  readonly at: "auth" | "mail" | "rcpt" | "content";
  readonly effect: Effect;
}

/** A reply as it stands in a transcript: code and text, `\n` between the lines. */
export function reply(text: string): Effect {
  const lines = text.split("\n");
  const code = Number(lines[0]?.slice(0, 3));
  const said = lines.map((line) => line.slice(4));
  if (code === 421) return { do: "answer", answer: { code, lines: said, close: true } };
  return answer(code, ...said);
}

/** A server of no particular make that takes everything. */
export function usual(host: string, more: Partial<Rules> = {}): Rules {
  return {
    greeting: `${host} ESMTP ready`,
    name: host,
    capabilities: ({ secured }) => [
      "PIPELINING",
      "SIZE 52428800",
      ...(secured ? ["AUTH PLAIN LOGIN"] : ["STARTTLS"]),
      "ENHANCEDSTATUSCODES",
      "8BITMIME",
      "SMTPUTF8",
      "CHUNKING",
    ],
    secretOf: () => "any",
    signIn: () => null,
    ...more,
  };
}

export interface SmtpSetting {
  readonly security: Security;
  readonly rules?: (host: string) => Partial<Rules>;
  /** Default: a good certificate for the host. */
  readonly tls?: Partial<ServerTls>;
}

/** A server as `usual`, but for what is said. */
export function smtp({ security, rules, tls }: SmtpSetting): Service {
  return async ({ host, address, port, authority }) =>
    startServer({
      rules: usual(host, rules?.(host)),
      listeners: [{ security, host: address, port }],
      tls: { ...(await issue(authority, { names: [host] })), ...tls },
    });
}

/** A provider's replica, port by port; in a mood for some. */
export function replica(provider: Provider, moods: readonly Mood[] = []): (security: Security) => Service {
  let certificate: ReturnType<typeof issue> | null = null;
  return (security) =>
    async ({ address, port, authority }) => {
      const { rules } = replicaOf(provider);
      certificate ??= issue(authority, { names: certificateNames(provider) });
      return startServer({
        rules: moods.length === 0 ? rules : moody(rules, moods),
        listeners: [{ security, host: address, port }],
        tls: await certificate,
      });
    };
}

/** Domains that each provider with verified identities has verified. */
const senderDomains = [
  "kestrel.example",
  "nospf.example",
  "brokenspf.example",
  "nodkim.example",
  "nodmarc.example",
  "gmail.com",
];

export function replicaOf(provider: Provider): {
  readonly rules: Rules;
  readonly credentials: DemoCredentials;
} {
  const credentials = demoCredentials(provider);
  const domain = credentials.from.slice(credentials.from.lastIndexOf("@") + 1);
  const identities = [domain, ...senderDomains];
  return {
    credentials,
    rules: replicaRules({ provider, credentials, catcher: null, identities, perDay: null }),
  };
}

const refused = new Map<string, number>();

/** How often each of those that some replica refuses has tried to sign in. */
export function refusedSignIns(): Readonly<Record<string, number>> {
  return Object.fromEntries(refused);
}

/** The rules, but for those that sign in as one of these: they get what they are meant to, and else no trouble. */
function moody(rules: Rules, moods: readonly Mood[]): Rules {
  const signedIn = new Map<number, Mood>();
  const of = (username: string, password: string | null) =>
    moods.find((mood) => mood.username === username && (password === null || mood.password === password));
  const at = (id: number, stage: Mood["at"], usually: () => Effect | null) => {
    const mood = signedIn.get(id);
    return mood === undefined ? usually() : mood.at === stage ? mood.effect : null;
  };
  return {
    ...rules,
    secretOf: (username) => (of(username, null) === undefined ? rules.secretOf(username) : "any"),
    signIn: (facts, attempt) => {
      const { proof, username } = attempt;
      const secret = proof.kind === "password" ? proof.password : proof.kind === "token" ? proof.token : null;
      const mood = of(username, secret);
      if (mood === undefined) return rules.signIn(facts, attempt);
      if (mood.at === "auth") {
        const who = `${username} ${mood.password}`;
        refused.set(who, (refused.get(who) ?? 0) + 1);
        return mood.effect;
      }
      signedIn.set(facts.id, mood);
      return null;
    },
    mail: (facts, from) => at(facts.id, "mail", () => rules.mail?.(facts, from) ?? null),
    rcpt: (facts, envelope, to) => at(facts.id, "rcpt", () => rules.rcpt?.(facts, envelope, to) ?? null),
    content: (facts, message: ReceivedMessage) =>
      at(facts.id, "content", () => rules.content?.(facts, message) ?? null),
  };
}
