// The machine that the doctor is run on in a case: its network, its firewall, its resolver and what it runs on.

/** All that is not said is as on a good machine: both families routed, a resolver that answers, no rule, no cloud. */
export interface World {
  /** At most eight characters, which an interface's name has room for. */
  readonly name: string;
  /** Shell commands run on it as root after its network stands. */
  readonly setUp?: readonly string[];
  /** nftables rules of the network that it is connected to, which it cannot see: what a cloud or a line's provider drops. */
  readonly gateway?: readonly string[];
  /** The same for `nat prerouting`: what the network redirects. */
  readonly redirects?: readonly string[];
  /** No default route for this family. */
  readonly without?: readonly ("v4" | "v6")[];
  /** `{dns}` is the name server of this world. */
  readonly resolvConf?: string;
  /** Lines of the hosts file; `{name}` is the address of that name. */
  readonly hosts?: readonly string[];
  /** What its name server answers otherwise than everybody's. */
  readonly dns?: NameServer;
  /** Files under /sys/class/dmi/id. */
  readonly dmi?: Readonly<Record<string, string>>;
  readonly docker?: true;
  readonly env?: Readonly<Record<string, string>>;
  /** The doctor runs without the right to see rules (CAP_NET_ADMIN). */
  readonly confined?: true;
  /** How far the clock is off, as faketime takes it: `+400d`. */
  readonly clock?: string;
}

export interface NameServer {
  /** `servfail` and `refused` to every question; `anything`: this address for every name there is and is not. */
  readonly mood?: "servfail" | "refused" | { readonly anything: string };
  /** By name; they stand for all that everybody's server has of that name. Null: there is no such name. */
  readonly names?: Readonly<Record<string, Records | null>>;
}

/** Addresses may be written as `{name}`, which is the address of the site of that name. */
export interface Records {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly txt?: readonly string[];
  /** Host names, in the order of preference. */
  readonly mx?: readonly string[];
  readonly cname?: string;
  /** Instead of an answer. */
  readonly fails?: "servfail" | "silent";
}

export const plain: World = { name: "plain" };
