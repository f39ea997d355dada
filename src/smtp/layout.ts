// An envelope and its content turned into a plan for the server at hand; what cannot be sent at all is found here.
import { isAscii } from "node:buffer";
import type { Capabilities } from "./capabilities.ts";
import { mailDsn, rcptDsn } from "./dsn.ts";
import type { LocalCode } from "./failure.ts";
import type { Fault } from "./fault.ts";
import { mailbox } from "./mailbox.ts";
import type { Envelope, EnvelopeRecipient } from "./options.ts";
import type { TransactionPlan } from "./phases/mail.ts";
import type { Stage } from "./stage.ts";

export interface Layout {
  /** Null when nothing is left to say to the server. */
  readonly plan: TransactionPlan | null;
  /** For each recipient: why it isn't even asked for, or null. */
  readonly faults: readonly (LocalFault | null)[];
}

export interface LocalFault {
  readonly stage: Stage;
  readonly fault: Fault;
}

/** Octets of one BDAT chunk before line ends are mended. */
export const chunkBytes = 1_048_576;

/** Up to here a message may go in one write with its envelope: little is lost when every recipient is refused. */
export const eagerBytes = 65_536;

/**
 * `content` null only tries the envelope. SIZE declares the content as it is given, with the line
 * end it may lack (RFC 1870 §6 asks for no more than a good estimate). Content of eight bits goes
 * out as it is where 8BITMIME isn't offered, as every client in wide use has it: nearly all
 * servers take it, and the other way out is to lose the mail (RFC 6152 §3 knows no third).
 */
export function layOut(envelope: Envelope, content: Uint8Array | null, server: Capabilities): Layout {
  const whole = (stage: Stage, fault: Fault): Layout => ({
    plan: null,
    faults: envelope.to.map(() => ({ stage, fault })),
  });
  const from = envelope.from === "" ? { text: "", utf8: false } : mailbox(envelope.from);
  if (from === null) return whole("mail", badInput("the sender's address is malformed"));
  if (from.utf8 && !server.smtpUtf8) return whole("mail", noSmtpUtf8);
  const dsn = server.dsn && envelope.dsn !== undefined ? mailDsn(envelope.dsn) : "";
  if (dsn === null) return whole("mail", badInput("the request for a delivery status is malformed"));
  if (content !== null && server.size !== null && content.length > server.size) {
    return whole(
      "mail",
      local("TOO_LARGE", `${content.length} bytes are more than the server takes (${server.size})`),
    );
  }

  let utf8 = from.utf8;
  const recipients: string[] = [];
  const faults = envelope.to.map((recipient) => {
    const found = rcpt(recipient, server);
    if ("fault" in found) return found;
    utf8 ||= found.utf8;
    recipients.push(found.line);
    return null;
  });
  if (recipients.length === 0) return { plan: null, faults };

  let mail = `MAIL FROM:<${from.text}>`;
  if (content !== null && server.declaresSize) mail += ` SIZE=${declaredSize(content)}`;
  if (content !== null && server.eightBitMime && !isAscii(content)) mail += " BODY=8BITMIME";
  if (utf8) mail += " SMTPUTF8";
  const by = content === null ? "nothing" : server.chunking ? "bdat" : "data";
  return {
    plan: {
      mail: mail + dsn,
      recipients,
      by,
      chunks: by === "bdat" ? Math.max(1, Math.ceil(content!.length / chunkBytes)) : 0,
      grouped: server.pipelining,
      eager: false,
    },
    faults,
  };
}

function rcpt(
  recipient: EnvelopeRecipient,
  server: Capabilities,
): LocalFault | { readonly line: string; readonly utf8: boolean } {
  const found = mailbox(recipient.address);
  const dsn = server.dsn ? rcptDsn(recipient) : "";
  if (found === null || dsn === null) {
    return {
      stage: "rcpt",
      fault: badInput(`the ${found === null ? "address" : "status request"} of a recipient is malformed`),
    };
  }
  if (found.utf8 && !server.smtpUtf8) return { stage: "rcpt", fault: noSmtpUtf8 };
  return { line: `RCPT TO:<${found.text}>${dsn}`, utf8: found.utf8 };
}

function declaredSize(content: Uint8Array): number {
  const { length } = content;
  return content[length - 2] === 13 && content[length - 1] === 10 ? length : length + 2;
}

function local(code: LocalCode, message: string): Fault {
  return { kind: "local", code, message, reply: null };
}

function badInput(message: string): Fault {
  return local("BAD_INPUT", message);
}

const noSmtpUtf8 = local(
  "SMTPUTF8_NOT_OFFERED",
  "the address needs SMTPUTF8, which the server does not offer",
);
