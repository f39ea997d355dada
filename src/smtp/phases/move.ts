// What the phases have in common: what they are told, what they send, where they lead.
import type { Endpoint } from "../endpoint.ts";
import type { Fault } from "../fault.ts";
import type { Credentials } from "../options.ts";
import type { Reply } from "../reply.ts";

/** What the opening of a connection works towards. */
export interface OpeningPlan {
  readonly endpoint: Endpoint;
  /** For EHLO: a domain or an address literal. */
  readonly clientName: string;
  /** Null to stop before signing in. */
  readonly credentials: Credentials | null;
  /** For SCRAM. */
  readonly nonce: string;
  /** Whether the connection leads to this very machine, so that a secret may go in clear. */
  readonly loopback: boolean;
}

/** What entering a state puts on the wire. */
export type Sending =
  | { readonly send: "nothing" }
  /** A command; where `shown` stands, the line holds a secret and the transcript gets `shown`. */
  | { readonly send: "line"; readonly text: string; readonly shown?: string }
  /** No SMTP: the TLS handshake. */
  | { readonly send: "handshake" }
  /** The content with its dots stuffed, and the final dot. */
  | { readonly send: "content" }
  /** A BDAT command and its octets; which ones is the driver's knowledge. */
  | { readonly send: "chunk" };

export type Move<To> = { readonly to: To } | Fault;

export const silence: Sending = { send: "nothing" };

/** The server said no. */
export function refused(message: string, reply: Reply): Fault {
  return { kind: "reply", code: null, message: `${message}: ${reply.code} ${reply.lines.join(" ")}`, reply };
}

/** A reply that the command before it cannot have. */
export function unexpected(reply: Reply): Fault {
  return {
    kind: "protocol",
    code: "UNEXPECTED_REPLY",
    message: `a reply that fits no command of ours: ${reply.code} ${reply.lines.join(" ")}`,
    reply,
  };
}

export function isSuccess(reply: Reply): boolean {
  return reply.code < 300;
}

export function isRefusal(reply: Reply): boolean {
  return reply.code >= 400;
}
