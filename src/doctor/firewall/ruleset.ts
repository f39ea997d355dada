// The rules of a machine, whoever wrote them, in the one form that the walk through them knows.
import type { Family, Source } from "../facts.ts";
import type { NumberedAddress } from "./address.ts";
import type { Condition } from "./packet.ts";

/** What a rule does with a packet that meets its conditions. */
export type Effect =
  | { readonly kind: "accept" }
  | { readonly kind: "drop" }
  /** `with`: what it answers, in the tool's words. */
  | { readonly kind: "reject"; readonly with: string }
  /** Turned to this machine (`here`), to an address, or to the same one, and to a port; null where we cannot tell which. */
  | {
      readonly kind: "redirect";
      readonly to: "here" | "same" | NumberedAddress | null;
      readonly port: "same" | number | null;
    }
  | { readonly kind: "jump"; readonly chain: string }
  /** Like a jump, but the end of that chain does not come back here. */
  | { readonly kind: "goto"; readonly chain: string }
  | { readonly kind: "return" }
  /** The mark becomes (mark & ~mask) ^ bits; null when we cannot tell what it becomes. */
  | { readonly kind: "mark"; readonly to: { readonly mask: bigint; readonly bits: bigint } | null }
  | { readonly kind: "untrack" }
  /** A program in user space decides. */
  | { readonly kind: "queue" }
  /** A target that we do not know. */
  | { readonly kind: "unknown" };

export interface Line {
  readonly conditions: readonly Condition[];
  readonly effects: readonly Effect[];
  /** The rule as its tool writes it. */
  readonly text: string;
  /** Packets that it has caught. Null where nobody counts. */
  readonly packets: number | null;
  /** What nft calls the rule by. */
  readonly handle?: number;
  readonly owner?: string;
}

export interface Chain {
  readonly name: string;
  readonly lines: readonly Line[];
}

export type Hook = "output" | "postrouting" | "egress" | "ingress" | "prerouting" | "input";

export interface Table {
  readonly tool: Source["tool"];
  /** As the tool calls it: `inet filter`, `filter`. */
  readonly name: string;
  readonly families: readonly Family[];
  readonly chains: ReadonlyMap<string, Chain>;
  readonly entries: readonly Entry[];
}

/** Where the kernel enters a table. */
export interface Entry {
  readonly hook: Hook;
  /** Lower comes first. */
  readonly priority: number;
  /** A chain of nat looks at the first packet of a connection only. */
  readonly nat: boolean;
  readonly chain: string;
  readonly policy: "accept" | "drop";
  /** The policy as its tool writes it. */
  readonly policyText: string;
  readonly packets: number | null;
  /** For chains that belong to one interface. */
  readonly device: string | null;
}
