// What a rule of iptables does with a packet that it meets.
import type { Family } from "../facts.ts";
import { numberOf } from "./address.ts";
import { whole } from "./iptables-matches.ts";
import type { Effect } from "./ruleset.ts";

/** Targets after which the next rule follows and that change nothing that rules here look at. */
const passing = [
  "LOG",
  "NFLOG",
  "ULOG",
  "TRACE",
  "AUDIT",
  "CLASSIFY",
  "CHECKSUM",
  "DSCP",
  "TOS",
  "TTL",
  "HL",
  "ECN",
  "TCPMSS",
  "TCPOPTSTRIP",
  "SECMARK",
  "CONNSECMARK",
  "IDLETIMER",
  "LED",
  "RATEEST",
  "SET",
  "TEE",
];

/** `words` begin with `-j` or `-g`. A target that is no name of ours is taken for a chain. */
export function effectsOf(
  [how, target = "", ...options]: readonly string[],
  family: Family,
): readonly Effect[] {
  if (how === "-g") return [{ kind: "goto", chain: target }];
  if (passing.includes(target)) return [];
  const value = (option: string) => valueAfter(options, option);
  switch (target) {
    case "ACCEPT":
    case "SNAT":
    case "MASQUERADE":
    case "NETMAP":
      return [{ kind: "accept" }];
    case "DROP":
      return [{ kind: "drop" }];
    case "REJECT":
      return [{ kind: "reject", with: value("--reject-with") ?? usualReject[family] }];
    case "RETURN":
      return [{ kind: "return" }];
    case "REDIRECT":
      return [{ kind: "redirect", to: "here", port: portOf(value("--to-ports")) }];
    case "DNAT":
      return [turnedTo(value("--to-destination") ?? "")];
    case "MARK":
      return [{ kind: "mark", to: markOf(options) }];
    case "CONNMARK":
      return options.includes("--restore-mark") ? [{ kind: "mark", to: null }] : [];
    case "NOTRACK":
      return [{ kind: "untrack" }];
    case "CT":
      return options.includes("--notrack") ? [{ kind: "untrack" }] : [];
    case "NFQUEUE":
    case "QUEUE":
      return [{ kind: "queue" }];
    default:
      return [{ kind: "jump", chain: target }];
  }
}

const usualReject: Readonly<Record<Family, string>> = {
  4: "icmp-port-unreachable",
  6: "icmp6-port-unreachable",
};

function valueAfter(options: readonly string[], option: string): string | undefined {
  const at = options.indexOf(option);
  return at < 0 ? undefined : options[at + 1];
}

/** Of a range of ports the kernel picks one. */
function portOf(text: string | undefined): "same" | number | null {
  if (text === undefined) return "same";
  return /^\d{1,5}$/.test(text) ? Number(text) : null;
}

/** `192.0.2.1:25`, `[2001:db8::1]:25`, `192.0.2.1`, `:25`; of ranges the kernel picks. */
function turnedTo(text: string): Effect {
  const [, bracketed, bare, port] = /^(?:\[([^\]]*)\]|([^:]*|.*::.*))(?::([\d-]+))?$/.exec(text) ?? [];
  const address = bracketed ?? bare ?? text;
  return { kind: "redirect", to: address === "" ? "same" : numberOf(address), port: portOf(port) };
}

const allBits = 0xffff_ffffn;

/** `--set-xmark 0x1/0xff`: the mark's bits under the mask are cleared, then those of the value turned over. */
function markOf(options: readonly string[]): { readonly mask: bigint; readonly bits: bigint } | null {
  const [option, text = ""] = options;
  const [value = "", looked] = text.split("/");
  const bits = whole(value);
  const mask = looked === undefined ? allBits : whole(looked);
  if (bits === null || mask === null) return null;
  switch (option) {
    case "--set-xmark":
      return { mask, bits };
    case "--set-mark":
      return { mask: mask | bits, bits };
    case "--or-mark":
      return { mask: bits, bits };
    case "--and-mark":
      return { mask: ~bits & allBits, bits: 0n };
    case "--xor-mark":
      return { mask: 0n, bits };
    default:
      return null;
  }
}
