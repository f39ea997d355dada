// A caught message, taken apart for people to look at.
import { simpleParser } from "mailparser";
import { decodeWords, headerFields } from "./header.ts";

export interface ParsedAttachment {
  readonly index: number;
  readonly filename: string | null;
  readonly contentType: string;
  /** Bytes, decoded. */
  readonly size: number;
  /** Without angle brackets. */
  readonly contentId: string | null;
}

export interface ParsedMessage {
  /** In order, unfolded, encoded words decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string | null;
  /** As sent: not sanitized, never to be shown inside a page of one's own origin. */
  readonly html: string | null;
  readonly attachments: readonly ParsedAttachment[];
}

export interface Parsed {
  readonly message: ParsedMessage;
  /** Of the attachments, in the same order. */
  readonly contents: readonly Buffer[];
}

export async function parseSource(source: Buffer): Promise<Parsed> {
  const mail = await simpleParser(source, {
    // What was sent is shown, not what could be made of it.
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    skipTextLinks: true,
  });
  return {
    message: {
      headers: headerFields(source).map(({ name, value }) => ({ name, value: decodeWords(value) })),
      text: mail.text ?? null,
      html: typeof mail.html === "string" ? mail.html : null,
      attachments: mail.attachments.map((attachment, index) => ({
        index,
        filename: attachment.filename ?? null,
        contentType: attachment.contentType,
        size: attachment.content.length,
        contentId: attachment.contentId?.replace(/^<|>$/g, "") ?? null,
      })),
    },
    contents: mail.attachments.map((attachment) => attachment.content),
  };
}
