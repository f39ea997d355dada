// What the doctor's looks brought back: plain data and no judgement. Readings make findings of it.
import type { Verdict } from "../causes/verdict.ts";
import type { Text } from "../providers/provider.ts";
import type { Capabilities } from "../smtp/capabilities.ts";
import type { CertificateFacts, SmtpFailure } from "../smtp/failure.ts";
import type { Reply } from "../smtp/reply.ts";
import type { Setting, TestResult } from "./test.ts";
import type { Spoken } from "./walk/speak-first.ts";

/** What a look saw and how long it took, or why it was not taken. */
export type Look<T> =
  | { readonly seen: T; readonly ms: number }
  /** `cut`: the time was over. `unneeded`: nothing that it could tell apart has happened. `declined`: the person said no. `unable`: what it builds on was not there. */
  | { readonly seen: null; readonly ms: number; readonly why: "cut" | "unneeded" | "declined" | "unable" };

export type Family = 4 | 6;

/** How one question to one name server ended: addresses or texts, or the resolver's code (`ENOTFOUND`, `ENODATA`, `ESERVFAIL`, `ETIMEOUT` …). */
export interface Answered {
  readonly values: readonly string[];
  readonly code: string | null;
  readonly ms: number;
}

/** Name resolution of the host, by the system's way and by each name server's own answer. */
export interface NameFacts {
  readonly host: string;
  /** The host is an address itself; nothing was asked. */
  readonly literal: boolean;
  /** getaddrinfo, which knows hosts files and search domains (RFC 6724 order). `errno` is glibc's: -3008 no such name, -3007 no address, -3001 no answer. */
  readonly system: {
    readonly addresses: readonly { readonly address: string; readonly family: Family }[];
    readonly code: string | null;
    readonly errno: number | null;
    readonly ms: number;
  };
  /** Each `nameserver` of resolv.conf, asked on its own. */
  readonly servers: readonly { readonly server: string; readonly a: Answered; readonly aaaa: Answered }[];
  /** Lines of the hosts file that name the host. */
  readonly hosts: readonly { readonly line: number; readonly address: string }[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** The name with a closing dot, which no search domain is put to; absent when that could tell nothing. */
  readonly absolute?: NameFacts["system"];
  /** A name that exists surely, by the first server that answers at all; null when nothing gave reason to ask. */
  readonly control: { readonly name: string; readonly answer: Answered } | null;
  /** A name that cannot exist: an answer means that somebody answers everything (a sinkhole, a captive portal). */
  readonly nonsense: { readonly name: string; readonly answer: Answered } | null;
}

/** How one attempt to connect ended. */
export interface Knock {
  readonly address: string;
  readonly family: Family;
  readonly port: number;
  /** `TIMEOUT` when nothing came within the time; else the system's code (`ECONNREFUSED`, `EHOSTUNREACH` …); null when it stood. */
  readonly code: string | null;
  readonly ms: number;
  /** First bytes that came within the time for a greeting; null when none were waited for or none came. */
  readonly greeting: string | null;
  /** Whether the peer closed after connecting without being spoken to. */
  readonly closed: boolean;
}

export interface ReachFacts {
  /** The port of the setting, each address on its own. */
  readonly own: readonly Knock[];
  /** The other ports this provider offers, and the usual ones for submission, at the first address of each family. */
  readonly ports: readonly Knock[];
  /** What tells *blocked* from *down*; empty when nothing failed, or the person declined. */
  readonly controls: {
    /** Port 443 of the provider's site, or of the same host where no site is known. */
    readonly web: readonly (Knock & { readonly host?: string })[];
    /** Port 443 of a site that has nothing to do with it. */
    readonly elsewhere: readonly Knock[];
    /** The same port at other providers' hosts, and port 2525 at one, which clouds seldom block. */
    readonly others: readonly (Knock & { readonly host: string })[];
    /** The same port at 192.0.2.1 (RFC 5737), where nothing lives: refused at once by a rule here or at the gateway; connected by a transparent proxy. */
    readonly nowhere: readonly Knock[];
  };
  /** Whether this machine has a default route, by family. Null where that cannot be read. */
  readonly routes: { readonly v4: boolean | null; readonly v6: boolean | null };
}

/** A program of the system that shows rules, and what came of asking it. */
export interface Source {
  readonly tool:
    | "nftables"
    | "iptables"
    | "iptables-legacy"
    | "ip6tables"
    | "ip6tables-legacy"
    | "ufw"
    | "firewalld"
    | "routes";
  /** The command that a person with permission runs to see the same. */
  readonly command: string;
  /** `denied`: no permission. `absent`: not installed. `failed`: it ended with an error. */
  readonly state: "read" | "denied" | "absent" | "failed";
  readonly message?: string;
}

/** A rule that stops outgoing connections to one of the ports asked about. */
export interface Rule {
  readonly tool: Source["tool"];
  readonly family: Family | "both";
  /** `drop` makes a timeout, `reject` a refusal, `redirect` a transparent proxy. */
  readonly action: "drop" | "reject" | "redirect";
  /** With what a `reject` answers: `tcp reset`, `icmp-port-unreachable`, `icmp-host-prohibited` … */
  readonly with?: string;
  /** The ports asked about that it stops. */
  readonly ports: readonly number[];
  /** The addresses asked about that it stops. */
  readonly addresses: readonly string[];
  /** `out`: it stops the connection as it leaves. `back`: it drops the server's answers, which looks like silence. */
  readonly direction: "out" | "back";
  /** False where something that we cannot evaluate decides whether it acts (a rate, a list of another tool, a mark). */
  readonly certain: boolean;
  /** Table and chain, as the tool names them: `inet filter output`. */
  readonly place: string;
  /** The rule as the tool writes it; for a policy, the policy. */
  readonly text: string;
  /** The command that takes it away or lets mail pass before it. */
  readonly remove: string;
  /** Only for these users or groups, where it says so. */
  readonly owner?: string;
  /** Packets that it has caught. Null where nobody counts. */
  readonly packets: number | null;
}

/** A rule that lets connections in to one of the ports asked about. It does nothing for sending. */
export interface InboundRule {
  readonly tool: Source["tool"];
  readonly ports: readonly number[];
  readonly place: string;
  readonly text: string;
}

export interface FirewallFacts {
  readonly sources: readonly Source[];
  /** In the order in which they act. */
  readonly rules: readonly Rule[];
  readonly inbound: readonly InboundRule[];
}

export interface MachineFacts {
  /** An id of the table of platforms; null for one that is not known. */
  readonly platform: string | null;
  /** What gave it away: `sys_vendor Hetzner`, `RENDER is set`. */
  readonly platformBy: string | null;
  readonly container: "docker" | "podman" | "kubernetes" | "lxc" | "other" | null;
  /** Whether it runs as one function call at a time (AWS Lambda, Vercel), frozen in between. */
  readonly serverless: boolean;
  readonly system: { readonly name: string; readonly libc: "glibc" | "musl" | "other" };
  /** `HTTP_PROXY` and its like, without secrets. */
  readonly proxies: readonly { readonly variable: string; readonly value: string }[];
}

/** The Node and OpenSSL that would speak TLS. */
export interface RuntimeFacts {
  readonly node: string;
  readonly openssl: string;
  readonly minVersion: string;
  readonly maxVersion: string;
  /** OpenSSL's security level as it acts: 2 refuses RSA and DH under 2048 bits. 1 stands for 0 as well; null where no context can be made. */
  readonly securityLevel: number | null;
  readonly roots: number;
  /** `NODE_OPTIONS`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, `OPENSSL_CONF`, `NODE_TLS_REJECT_UNAUTHORIZED`: those that are set. */
  readonly variables: Readonly<Record<string, string>>;
  /** Files of roots that are to be used and hold none, or cannot be read: `NODE_EXTRA_CA_CERTS=/none`. */
  readonly unreadable: readonly string[];
  /** What of openssl.cnf acts in Node: CipherString, Ciphersuites, Groups, Options; null without a file that was named. */
  readonly configuration: { readonly path: string; readonly sets: Readonly<Record<string, string>> } | null;
}

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** One handshake made to learn from; nothing is said over it. */
export interface Handshake {
  /** What was offered: `TLSv1.2 alone`, `security level 0`, `X25519 and P-256 only`, `without a server name`, `legacy renegotiation`. */
  readonly offered: string;
  readonly version: string | null;
  readonly cipher: string | null;
  /** Null when it stood. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly ms: number;
}

export interface TlsFacts {
  /** By single versions; empty when the usual handshake stood and none was needed. */
  readonly versions: Readonly<Partial<Record<TlsVersion, Handshake>>>;
  /** Concessions, tried one at a time after the usual handshake failed. */
  readonly concessions: Readonly<
    Partial<
      Record<
        "level-1" | "level-0" | "legacy-renegotiation" | "small-hello" | "no-server-name" | "tls-1.2",
        Handshake
      >
    >
  >;
  /** A handshake right after connecting, on a port that is set to another security. */
  readonly implicit: Handshake | null;
  /** What was read in clear from a port that is set to TLS. */
  readonly clear: string | null;
}

/** The chain as shown with verification off; nothing was said over that connection. */
export interface ChainFacts {
  readonly certificates: readonly (CertificateFacts & {
    readonly selfSigned: boolean;
    /** Common name of the subject, empty without. */
    readonly commonName: string;
    readonly keyType: string | null;
    readonly keyBits: number | null;
    /** `sha256WithRSAEncryption` and the like; null where not known. */
    readonly signature: string | null;
  })[];
  /** Why it does not verify: Node's code; null when it does. */
  readonly problem: string | null;
}

export interface ClockFacts {
  /** Others' time less ours, milliseconds; by host. */
  readonly offsets: readonly { readonly host: string; readonly offsetMs: number }[];
}

/** The dialogue as the account would hold it. */
export interface WalkFacts {
  readonly result: TestResult;
  readonly failure: SmtpFailure | null;
  readonly verdict: Verdict | null;
  readonly greeting: Reply | null;
  /** Milliseconds from connecting (or TLS) to the greeting. */
  readonly greetingMs: number | null;
  readonly clear: Capabilities | null;
  readonly secured: Capabilities | null;
  readonly protocol: string | null;
  readonly cipher: string | null;
  /** As verified; leaf first. */
  readonly chain: readonly CertificateFacts[];
  /** Who was spoken to, `192.0.2.1:465`. */
  readonly peer: string | null;
  /** How signing in went, mechanism by mechanism; after the first refusal none is tried. */
  readonly signIns: readonly {
    readonly mechanism: string;
    readonly ok: boolean;
    readonly reply: Reply | null;
  }[];
  /** SIZE the server announces (RFC 1870), bytes; null without. */
  readonly size: number | null;
  /** EHLO was refused and HELO taken, so that nothing is offered. */
  readonly helo?: boolean;
  /** What a port that did not greet answered when it was spoken to first; null when nobody spoke. */
  readonly spoken?: Spoken | null;
  /** Whether the address that signs in was taken as sender after another was refused; null when that was not tried. */
  readonly ownSender?: { readonly address: string; readonly accepted: boolean } | null;
  /** To whom a real message was to go; absent when none was asked for. */
  readonly to?: string;
  /** The reply that took the real message; null when none was sent or taken. */
  readonly accepted?: Reply | null;
}

/** What DNS says of the sender's domain. */
export interface SenderFacts {
  readonly domain: string;
  readonly mx: Answered;
  readonly spf: {
    readonly records: readonly string[];
    readonly code: string | null;
    /** Look-ups that an evaluation takes at most (RFC 7208 §4.6.4: ten). */
    readonly lookups: number;
    /** Look-ups that came back empty (§4.6.4: two). */
    readonly voids: number;
    /** Null where it is not known what to look for. */
    readonly covers: boolean | null;
    /** What is broken in it, each in a sentence without a full stop; empty when all is well. */
    readonly problems: readonly Text[];
    readonly all: "-" | "~" | "?" | "+" | null;
  } | null;
  readonly dkim: readonly {
    readonly selector: string;
    readonly code: string | null;
    readonly record: string | null;
  }[];
  readonly dmarc: {
    readonly domain: string;
    readonly record: string | null;
    readonly code: string | null;
    readonly policy: "none" | "quarantine" | "reject" | null;
    readonly problems: readonly Text[];
  } | null;
  /** The sender's domain and the server belong to one company. */
  readonly own: boolean;
  /** The provider whose own domain it is, as the catalogue names it; null for a domain of somebody's own. */
  readonly freemail: string | null;
}

/** All that was seen. A reading asks for what it needs and does without what was not seen. */
export interface Facts {
  readonly setting: Setting;
  /** Instant at which it was seen, milliseconds of the epoch. */
  readonly at: number;
  readonly names: Look<NameFacts>;
  readonly reach: Look<ReachFacts>;
  readonly firewall: Look<FirewallFacts>;
  readonly machine: Look<MachineFacts>;
  readonly runtime: Look<RuntimeFacts>;
  readonly tls: Look<TlsFacts>;
  readonly chain: Look<ChainFacts>;
  readonly clock: Look<ClockFacts>;
  readonly walk: Look<WalkFacts>;
  readonly sender: Look<SenderFacts>;
}
