// The header of a ready-made message as it is shown: addresses and subject, encoded words read.
import libmime from "libmime";
import type { MessageView } from "./composed.ts";
import type { Field } from "./fields.ts";
import { type WrittenMailbox, writtenMailboxes } from "./mailboxes.ts";

/** Shown of one field; a header may be long, and this is kept for every message. */
const mostMailboxes = 1000;

/** What the header says; `sender` where it names nobody. Blind copies are not shown: the header that names them is removed. */
export function viewOf(fields: readonly Field[], sender: string): MessageView {
  const values = (name: string) => fields.filter((field) => field.name === name).map(textOf);
  const mailboxes = (name: string) =>
    values(name).flatMap(writtenMailboxes).slice(0, mostMailboxes).map(shownMailbox);
  return {
    from: mailboxes("from").join(", ") || sender,
    to: mailboxes("to"),
    cc: mailboxes("cc"),
    bcc: [],
    replyTo: mailboxes("reply-to"),
    subject: values("subject").map(readable)[0] ?? "",
    tags: [],
  };
}

/** Bytes read as latin1, folds undone (RFC 5322 §2.2.3). */
function textOf({ bytes }: Field): string {
  return bytes
    .toString("latin1", bytes.indexOf(":") + 1)
    .replace(/\r\n(?=[ \t])/g, "")
    .trim();
}

/** RFC 2047, and bytes beyond ASCII as UTF-8 (RFC 6532). */
function readable(latin1: string): string {
  const text = Buffer.from(latin1, "latin1").toString("utf8");
  return text.includes("=?") ? libmime.decodeWords(text) : text;
}

function shownMailbox({ name, address }: WrittenMailbox): string {
  const bare = readable(name.replace(/^"(.*)"$/s, "$1").replaceAll(/\\(.)/gs, "$1")).trim();
  return bare === "" ? readable(address) : `"${bare}" <${readable(address)}>`;
}
