// The sandbox: an SMTP server that takes any mail, keeps it, and delivers none.
import type { Endpoint } from "../smtp/endpoint.ts";
import { answer } from "./answer.ts";
import type { Catcher } from "./catcher.ts";
import type { Counts } from "./dialogue.ts";
import { type FaultName, type FaultSetting, withAddressFaults, withFault } from "./faults.ts";
import { keep } from "./keep.ts";
import type { Rules } from "./rules.ts";
import { type Listener, type ServerBounds, type ServerTls, startServer } from "./server.ts";

export interface SandboxOptions {
  /** Null keeps nothing: a sink. */
  readonly catcher: Catcher | null;
  /** Default: one in clear on 127.0.0.1, at a port that the system chooses. */
  readonly listeners?: readonly Listener[];
  readonly tls?: ServerTls;
  /** Default: every user name and secret is let in. */
  readonly credentials?: { readonly username: string; readonly secret: string };
  /** Mail is taken after signing in only. Default false. */
  readonly requireSignIn?: boolean;
  /** On every connection. For a fault of TLS, `tls` has to come from `serverTls` with that fault. */
  readonly fault?: FaultName;
  /** Times of the faults that take time. */
  readonly faultSetting?: FaultSetting;
  readonly bounds?: Partial<ServerBounds>;
}

export interface Sandbox {
  /** In the order of the listeners. */
  readonly endpoints: readonly Endpoint[];
  readonly counts: Readonly<Counts>;
  readonly catcher: Catcher | null;
  close(): Promise<void>;
}

/** Starts the catcher; recipients at `fault.test` ask for faults. The caller closes the `Catcher` itself. @throws when a port is taken. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { fault, faultSetting = {} } = options;
  const rules = withAddressFaults(catcherRules(options), faultSetting);
  const server = await startServer({
    rules: fault === undefined ? rules : withFault(rules, fault, faultSetting),
    listeners: options.listeners ?? [{ security: "none" }],
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.bounds === undefined ? {} : { bounds: options.bounds }),
  });
  return {
    endpoints: server.endpoints,
    counts: server.counts,
    catcher: options.catcher,
    close: () => server.close(),
  };
}

/** Every extension we know, every sender and recipient welcome. */
export function catcherRules(
  options: Pick<SandboxOptions, "catcher" | "credentials" | "requireSignIn" | "tls" | "bounds">,
): Rules {
  const { catcher, credentials, requireSignIn = false } = options;
  const size = options.bounds?.messageBytes ?? 64 * 1024 * 1024;
  const shared = [
    "PIPELINING",
    `SIZE ${size}`,
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    "CHUNKING",
    "ENHANCEDSTATUSCODES",
    // SCRAM proves that the server knows the secret too, which one that takes any secret can't.
    credentials === undefined
      ? "AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER"
      : "AUTH SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER",
  ];
  const clear = options.tls === undefined ? shared : [...shared, "STARTTLS"];
  return {
    greeting: "sandbox.postrider ESMTP Postrider sandbox: mail is kept and shown, never delivered",
    name: "sandbox.postrider",
    capabilities: (facts) => (facts.secured ? shared : clear),
    secretOf: (username) => {
      if (credentials === undefined) return "any";
      return username === credentials.username ? credentials.secret : null;
    },
    signIn: (_facts, { username, proof }) => {
      if (credentials === undefined) return null;
      const given = proof.kind === "password" ? proof.password : proof.kind === "token" ? proof.token : null;
      const right =
        given === null ? proof.kind === "compared" && proof.correct : given === credentials.secret;
      return right && username === credentials.username ? null : answer(535, "5.7.8 Sign-in refused");
    },
    mail: (facts) =>
      requireSignIn && facts.username === null ? answer(530, "5.7.0 Authentication required") : null,
    content: (_facts, message) => keep(catcher, message),
  };
}
