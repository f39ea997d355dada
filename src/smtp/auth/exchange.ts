// What every sign-in mechanism is: turns in which we say something and the server challenges (RFC 4954 §4).
import type { Fault } from "../fault.ts";
import type { Credentials, Mechanism } from "../options.ts";

/** A pure value: the same challenge always leads to the same next turn. */
export interface Turn {
  /** What we say, before base64; null for an AUTH command without an initial response. Secret, whatever it is. */
  readonly say: string | null;
  /** Whether a 235 now means that we are signed in, as far as this mechanism can tell. */
  readonly complete: boolean;
  /** The turn after a 334. */
  readonly next: (challenge: Buffer) => Turn | Fault;
  /** A challenge that told why the server will refuse. */
  readonly challenge?: string;
}

export interface SignIn {
  readonly credentials: Credentials;
  readonly host: string;
  readonly port: number;
  /** Printable ASCII without comma, fresh for each connection. */
  readonly nonce: string;
}

export type Exchange = (signIn: SignIn) => Turn;

/** The end of an exchange that went astray. */
export function astray(message: string): Fault {
  return { kind: "protocol", code: "UNEXPECTED_REPLY", message, reply: null };
}

/** For `next` where no challenge can come any more. */
export function noMore(mechanism: Mechanism): (challenge: Buffer) => Fault {
  return () => astray(`the server goes on asking after ${mechanism} is over`);
}

export function secretOf(credentials: Credentials): string {
  return "password" in credentials ? credentials.password : credentials.accessToken;
}
