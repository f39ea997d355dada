// An address as it stands in MAIL and RCPT. Only what could break the command is checked here.
import { domainToASCII } from "node:url";

export interface Mailbox {
  /** Without angle brackets. */
  readonly text: string;
  /** Whether the server must know SMTPUTF8 to take it (RFC 6531). */
  readonly utf8: boolean;
}

/** RFC 5321 §4.5.3.1.3: a path has 256 octets, of which two are the brackets. */
const maxOctets = 254;

/** What ends a path, a command or an argument; a quoted space is legal and more dangerous than useful. */
const breaking = /[\p{Cc}\s<>]|\p{Zl}|\p{Zp}/u;

/**
 * The address for the wire, or null when it can't be one. A domain beyond ASCII becomes its
 * A-labels, so that only a local part beyond ASCII needs SMTPUTF8.
 */
export function mailbox(address: string): Mailbox | null {
  if (breaking.test(address) || !address.isWellFormed()) return null;
  if (isAscii(address)) return fits({ text: address, utf8: false });
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  const domain = domainToASCII(address.slice(at + 1));
  if (at < 1 || domain === "") return null;
  return fits({ text: `${local}@${domain}`, utf8: !isAscii(local) });
}

function fits(found: Mailbox): Mailbox | null {
  const { text } = found;
  const at = text.lastIndexOf("@");
  const whole = at > 0 && at < text.length - 1;
  // The one mailbox that has no domain (RFC 5321 §4.5.1).
  const postmaster = at === -1 && text.toLowerCase() === "postmaster";
  return (whole || postmaster) && Buffer.byteLength(text) <= maxOctets ? found : null;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}
