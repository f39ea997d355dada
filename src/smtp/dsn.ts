// The parameters that ask for delivery status notifications (RFC 3461), with their own encoding.
import type { DsnRequest, EnvelopeRecipient } from "./options.ts";

/** `RET=` and `ENVID=` for MAIL; null when the request can't be written. */
export function mailDsn({ ret, envid }: DsnRequest): string | null {
  const parts: string[] = [];
  if (ret !== undefined) parts.push(` RET=${ret}`);
  if (envid !== undefined) {
    // §4.4: at most 100 characters, printable before and after encoding.
    const encoded = xtext(envid);
    if (!/^[\x20-\x7E]+$/.test(envid) || encoded.length > 100) return null;
    parts.push(` ENVID=${encoded}`);
  }
  return parts.join("");
}

/** `NOTIFY=` and `ORCPT=` for RCPT; null when the request can't be written. */
export function rcptDsn({ notify, orcpt }: EnvelopeRecipient): string | null {
  const parts: string[] = [];
  if (notify !== undefined && notify.length > 0) {
    const wanted = [...new Set(notify)];
    if (wanted.includes("NEVER") && wanted.length > 1) return null;
    parts.push(` NOTIFY=${wanted.join(",")}`);
  }
  if (orcpt !== undefined) {
    if (orcpt === "" || /\p{Cc}/u.test(orcpt) || !orcpt.isWellFormed()) return null;
    const encoded = /^[\x20-\x7E]+$/.test(orcpt) ? `rfc822;${xtext(orcpt)}` : `utf-8;${utf8Xtext(orcpt)}`;
    if (encoded.length > 500) return null;
    parts.push(` ORCPT=${encoded}`);
  }
  return parts.join("");
}

/** RFC 3461 §4. */
function xtext(text: string): string {
  return text.replace(/[^!-*,-<>-~]/g, (char) => `+${hex(char)}`);
}

/** RFC 6533 §3: what isn't plain is written as `\x{1F4E7}`, so that any server can take it. */
function utf8Xtext(text: string): string {
  return text.replace(/[^!-*,-<>-[\]-~]/gu, (char) => `\\x{${hex(char)}}`);
}

function hex(char: string): string {
  return char.codePointAt(0)!.toString(16).toUpperCase().padStart(2, "0");
}
