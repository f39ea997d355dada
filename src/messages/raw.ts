// A message that comes ready made: it leaves byte for byte as it came, but for headers added or removed by name.
import { parseAddress } from "./addresses.ts";
import { type ComposedMessage, type ComposeOptions, defaultMaxRecipients } from "./compose.ts";
import { MessageError } from "./error.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { messageIdFor, tenRandomBytes, uuidV7 } from "./identity.ts";
import { checkedCourse, checkRecipientCount, type Mail } from "./mail.ts";
import { viewOf } from "./shown.ts";
import { checkSize, defaultMaxBytes } from "./size.ts";

/** The envelope decides who gets it, never the headers. */
export interface Envelope {
  /** Reverse-path; empty for `<>`. */
  readonly from: string;
  readonly recipients: readonly string[];
}

export type RawCourse = Pick<Mail, "lane" | "route" | "expiresAt" | "notBefore" | "sensitive">;

/** Octets of the header. Mail that passed many servers has some tens of KiB; all of it is parsed at once. */
const longestHeader = 256 * 1024;

/**
 * Takes RFC 5322 bytes with CRLF line ends. Adds `Message-ID` and `Date` when they are missing (RFC 6409
 * §8) and removes `Bcc`. Throws MessageError.
 */
export function fromRaw(
  bytes: Uint8Array,
  envelope: Envelope,
  course: RawCourse = {},
  options: ComposeOptions = {},
): ComposedMessage {
  const createdAt = options.now ?? Date.now();
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  checkSize(bytes.byteLength, maxBytes);
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkLineEnds(source);

  const sender = envelope.from === "" ? null : parseAddress(envelope.from, "envelope.from");
  const recipients = [
    ...new Set(envelope.recipients.map((one, i) => parseAddress(one, `envelope.recipients[${i}]`).address)),
  ];
  checkRecipientCount(recipients.length, options.maxRecipients ?? defaultMaxRecipients);

  const { fields, header } = boundedHeader(source);
  const id = uuidV7(createdAt, options.random ?? tenRandomBytes());
  const given = fields.find((field) => field.name === "message-id");
  const givenId = given === undefined ? null : /<[!-;=?-~]+>/.exec(given.bytes.toString("latin1"));
  const messageId = givenId?.[0] ?? messageIdFor(id, sender?.domain ?? "localhost");
  const added: string[] = [];
  if (given === undefined) added.push(`Message-ID: ${messageId}\r\n`);
  if (!fields.some((field) => field.name === "date")) {
    added.push(`Date: ${new Date(createdAt).toUTCString().replace("GMT", "+0000")}\r\n`);
  }
  const kept = fields.filter((field) => field.name !== "bcc").map((field) => field.bytes);
  const content = Buffer.concat([Buffer.from(added.join("")), ...kept, source.subarray(header)]);
  checkSize(content.byteLength, maxBytes);

  return {
    id,
    messageId,
    ...checkedCourse(course, createdAt),
    route: course.route ?? null,
    envelopeFrom: sender?.address ?? "",
    recipients,
    view: viewOf(fields, envelope.from),
    content,
    sensitive: course.sensitive ?? false,
    createdAt,
  };
}

/** A lone CR or LF lets one server see an end of message where the next sees none (SMTP smuggling). */
function checkLineEnds(source: Buffer): void {
  for (let at = source.indexOf(10); at >= 0; at = source.indexOf(10, at + 1)) {
    if (source[at - 1] !== 13)
      throw new MessageError("message", `a line feed (LF) without its CR stands at byte ${at + 1}`);
  }
  for (let at = source.indexOf(13); at >= 0; at = source.indexOf(13, at + 1)) {
    if (source[at + 1] !== 10)
      throw new MessageError("message", `a carriage return (CR) without its LF stands at byte ${at + 1}`);
  }
}

/** Its fields and its length in bytes. Throws MessageError when it is too long. */
function boundedHeader(source: Buffer): { readonly fields: readonly Field[]; readonly header: number } {
  const fields: Field[] = [];
  let header = 0;
  for (const field of fieldsOf(source)) {
    header += field.bytes.byteLength;
    if (header > longestHeader)
      throw new MessageError("message", `its header is longer than ${longestHeader} bytes`);
    fields.push(field);
  }
  return { fields, header };
}
