// From what a person asks to be sent to the message as it will leave: RFC 5322 bytes and an envelope.
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import MailComposer from "nodemailer/lib/mail-composer";
import type { Mailbox } from "./addresses.ts";
import { checkedAttachments } from "./attachments.ts";
import type { ComposedMessage } from "./composed.ts";
import { MessageError } from "./error.ts";
import { checkedHeaders } from "./headers.ts";
import { messageIdFor, tenRandomBytes, uuidV7 } from "./identity.ts";
import {
  checkedAddresses,
  checkedBody,
  checkedCourse,
  checkedSubject,
  checkedTags,
  type Mail,
} from "./mail.ts";
import { checkSize, defaultMaxBytes } from "./size.ts";

export type { Attachment } from "./attachments.ts";
export type { ComposedMessage } from "./composed.ts";
export { MessageError } from "./error.ts";
export type { Mail } from "./mail.ts";

export interface ComposeOptions {
  /** Milliseconds since 1970; the present when absent. */
  readonly now?: number;
  /** A UUID of version 7 that was promised already; made from `now` and `random` when absent. */
  readonly id?: string;
  /** Ten bytes for the id; from the system when absent. */
  readonly random?: Uint8Array;
  /** Bytes of the whole message; 35 MiB when absent. */
  readonly maxBytes?: number;
  /** Recipients of all kinds together; 1000 when absent. */
  readonly maxRecipients?: number;
}

export const defaultMaxRecipients = 1000;

/** Longest line that may cross SMTP, without its CRLF (RFC 5321 §4.5.3.1.6). */
const longestLine = 998;

/** Throws MessageError, which names the field, for anything that cannot be sent as it is. */
export async function compose(mail: Mail, options: ComposeOptions = {}): Promise<ComposedMessage> {
  const createdAt = options.now ?? Date.now();
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const { from, to, cc, bcc, replyTo, recipients } = checkedAddresses(
    mail,
    options.maxRecipients ?? defaultMaxRecipients,
  );
  const subject = checkedSubject(mail.subject);
  const tags = checkedTags(mail.tags);
  const course = checkedCourse(mail, createdAt);
  const headers = checkedHeaders(mail.headers);
  const text = checkedBody(mail.text, "text");
  const html = checkedBody(mail.html, "html");
  if (text === undefined && html === undefined)
    throw new MessageError("text", "a text or an html body is needed");
  const attachments = checkedAttachments(mail.attachments);
  // Before anything that large is built: encoding only makes it larger.
  const rough = roughSize(text, html, attachments);
  checkSize(rough, maxBytes);

  const id = options.id ?? uuidV7(createdAt, options.random ?? tenRandomBytes());
  const messageId = messageIdFor(id, from.domain);
  const composer = new MailComposer({
    from: toHeader(from),
    to: to.map(toHeader),
    cc: cc.map(toHeader),
    replyTo: replyTo.map(toHeader),
    subject,
    date: new Date(createdAt),
    messageId,
    headers: [...headers],
    attachments: attachments.map((attachment) => ({
      ...attachment,
      content: attachment.content.byteLength > largeBytes ? inPieces(attachment.content) : attachment.content,
    })),
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
  });
  const built = composer.compile();
  const content = rough > largeBytes ? await unhurried(built.createReadStream()) : await built.build();
  checkSize(content.byteLength, maxBytes);
  checkHeaderLines(content);
  return {
    id,
    messageId,
    ...course,
    route: mail.route ?? null,
    envelopeFrom: from.address,
    recipients,
    view: {
      from: from.text,
      to: to.map((mailbox) => mailbox.text),
      cc: cc.map((mailbox) => mailbox.text),
      bcc: bcc.map((mailbox) => mailbox.text),
      replyTo: replyTo.map((mailbox) => mailbox.text),
      subject,
      tags,
    },
    content,
    sensitive: mail.sensitive ?? false,
    createdAt,
  };
}

/** Encoding this much takes some milliseconds, in which nobody else is served. */
const largeBytes = 512 * 1024;

function inPieces(content: Buffer): Readable {
  const starts = Array.from({ length: Math.ceil(content.byteLength / largeBytes) }, (_, i) => i * largeBytes);
  return Readable.from(
    starts.map((start) => content.subarray(start, start + largeBytes)),
    { objectMode: false },
  );
}

/** All of it, with turns of the event loop for others in between: a stream that never waits leaves none by itself. */
async function unhurried(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sinceTurn = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sinceTurn += chunk.byteLength;
    if (sinceTurn < largeBytes) continue;
    sinceTurn = 0;
    await nextTurn();
  }
  return Buffer.concat(chunks);
}

function toHeader({ name, address }: Mailbox): { name: string; address: string } {
  return { name, address };
}

function roughSize(
  text: string | undefined,
  html: string | undefined,
  attachments: readonly { readonly content: Uint8Array }[],
): number {
  const bodies = Buffer.byteLength(text ?? "") + Buffer.byteLength(html ?? "");
  return attachments.reduce((sum, { content }) => sum + Math.ceil((content.byteLength * 4) / 3), bodies);
}

/** Long words in a header cannot be folded; servers cut or refuse such lines. */
function checkHeaderLines(content: Buffer): void {
  const end = content.indexOf("\r\n\r\n");
  let name = "";
  for (const line of content.toString("latin1", 0, end < 0 ? content.length : end).split("\r\n")) {
    if (!/^[ \t]/.test(line)) name = line.slice(0, line.indexOf(":"));
    if (line.length <= longestLine) continue;
    throw new MessageError(
      `headers.${name}`,
      `a line of it is ${line.length} octets long; ${longestLine} are allowed, and there is no space to break it at`,
    );
  }
}
