// Files that go with a message.
import { detectMimeType } from "nodemailer/lib/mime-funcs";
import { MessageError, quoted, unfit } from "./error.ts";

export interface Attachment {
  /** Bytes, or base64 as text. */
  readonly content: Uint8Array | string;
  /** Up to 255 characters; named by its number when absent. */
  readonly filename?: string | undefined;
  /** Found from the filename when absent. */
  readonly contentType?: string | undefined;
  /** Without angle brackets: what `cid:` in the HTML refers to. */
  readonly contentId?: string | undefined;
  /** Shown in the message and not beside it. With a `contentId` that is the default. */
  readonly inline?: boolean | undefined;
}

/** As MailComposer takes it. */
export interface CheckedAttachment {
  readonly content: Buffer;
  readonly filename?: string;
  readonly contentType: string;
  readonly cid?: string;
  readonly contentDisposition: "inline" | "attachment";
}

const mostAttachments = 200;

/** RFC 2045 §5.1 type and subtype, then parameters. */
const mediaType = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?: *;[ -~]*)?$/;

/** Throws MessageError. */
export function checkedAttachments(
  attachments: readonly Attachment[] | undefined,
): readonly CheckedAttachment[] {
  if (attachments === undefined) return [];
  if (attachments.length > mostAttachments) {
    throw new MessageError("attachments", `there are ${attachments.length}; ${mostAttachments} are allowed`);
  }
  return attachments.map((attachment, i) => check(attachment, `attachments[${i}]`));
}

function check(attachment: Attachment, field: string): CheckedAttachment {
  const { filename, contentType, contentId } = attachment;
  const content = bytesOf(attachment.content, `${field}.content`);
  if (filename !== undefined) {
    const problem =
      filename === ""
        ? "it is empty"
        : filename.length > 255
          ? "it is longer than 255 characters"
          : unfit(filename);
    if (problem !== null)
      throw new MessageError(`${field}.filename`, `${quoted(filename)} cannot be a file's name: ${problem}`);
  }
  if (contentType !== undefined && (!mediaType.test(contentType) || /^multipart\//i.test(contentType))) {
    throw new MessageError(
      `${field}.contentType`,
      `${quoted(contentType)} is not the type of a file, such as application/pdf`,
    );
  }
  if (contentId !== undefined && !/^[!-;=?-~]{1,250}$/.test(contentId)) {
    throw new MessageError(
      `${field}.contentId`,
      `${quoted(contentId)} is made of something else than printable ASCII without space and angle brackets`,
    );
  }
  return {
    content,
    contentType: carried(
      contentType ?? (detectMimeType(filename ?? "bin") || "application/octet-stream"),
      content,
    ),
    contentDisposition: (attachment.inline ?? contentId !== undefined) ? "inline" : "attachment",
    ...(filename === undefined ? {} : { filename }),
    ...(contentId === undefined ? {} : { cid: contentId }),
  };
}

/**
 * A message within a message may not be encoded (RFC 2046 §5.2.1). One with lines that SMTP does not carry
 * goes as plain bytes instead, and arrives as it was.
 */
function carried(contentType: string, content: Buffer): string {
  return /^message\//i.test(contentType) && !hasSmtpLines(content) ? "application/octet-stream" : contentType;
}

/** CRLF alone, no NUL, at most 998 octets between (RFC 5321 §4.5.3.1.6). */
function hasSmtpLines(content: Buffer): boolean {
  if (content.includes(0)) return false;
  for (let at = 0; at < content.byteLength; ) {
    const lf = content.indexOf(10, at);
    const end = lf < 0 ? content.byteLength : lf - 1;
    if (end - at > 998 || (lf >= 0 && content[end] !== 13)) return false;
    const cr = content.indexOf(13, at);
    if (cr >= 0 && cr < end) return false;
    if (lf < 0) return cr < 0;
    at = lf + 1;
  }
  return true;
}

/** Base64 in both alphabets, with or without line ends and padding (RFC 4648 §4, §5). */
function bytesOf(content: unknown, field: string): Buffer {
  if (content instanceof Uint8Array)
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (typeof content !== "string") throw new MessageError(field, "bytes, or base64 as text, are expected");
  const text = content.replaceAll(/[\r\n\t ]/g, "").replace(/={1,2}$/, "");
  const stray = /[^A-Za-z0-9+/_-]/.exec(text);
  if (stray !== null) throw new MessageError(field, `it is not base64: ${quoted(stray[0])} stands in it`);
  if (text.length % 4 === 1)
    throw new MessageError(field, "it is not base64: a character is missing at the end");
  return Buffer.from(text, "base64");
}
