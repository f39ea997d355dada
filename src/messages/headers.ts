// Headers that the caller adds: what may be added, and what would let one message pose as another.
import { MessageError, quoted, unfit } from "./error.ts";

const limits = {
  count: 100,
  /** Characters of a name: it has to fit on a line with something of its value. */
  name: 76,
  /** Characters of a value. */
  value: 32 * 1024,
} as const;

/** Written by us from the message's own fields, or by the servers on the way. */
const reserved: readonly string[] = [
  "from",
  "sender",
  "to",
  "cc",
  "bcc",
  "reply-to",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "received",
  "return-path",
  "delivered-to",
  "authentication-results",
  "dkim-signature",
];

const reservedPrefixes: readonly string[] = ["content-", "resent-", "arc-", "x-postrider-"];

/** The headers as name and value, checked. Throws MessageError. */
export function checkedHeaders(
  headers: Readonly<Record<string, string>> | undefined,
): readonly { readonly key: string; readonly value: string }[] {
  const entries = Object.entries(headers ?? {});
  if (entries.length > limits.count) {
    throw new MessageError("headers", `there are ${entries.length}; ${limits.count} are allowed`);
  }
  return entries.map(([key, value]) => {
    checkName(key);
    const field = `headers.${key}`;
    if (typeof value !== "string") throw new MessageError(field, "the value has to be text");
    const problem = unfit(value);
    if (problem !== null)
      throw new MessageError(field, `${quoted(value)} cannot be a header's value: ${problem}`);
    if (value.length > limits.value) {
      throw new MessageError(
        field,
        `the value is ${value.length} characters long; ${limits.value} are allowed`,
      );
    }
    return { key, value };
  });
}

function checkName(name: string): void {
  // RFC 5322 §2.2: printable ASCII without the colon.
  if (!/^[!-9;-~]+$/.test(name)) {
    throw new MessageError(
      "headers",
      `${quoted(name)} cannot be a header's name: it is made of printable ASCII without space and colon`,
    );
  }
  if (name.length > limits.name) {
    throw new MessageError(
      "headers",
      `the name ${quoted(name)} is ${name.length} characters long; ${limits.name} are allowed`,
    );
  }
  const lower = name.toLowerCase();
  if (reserved.includes(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))) {
    throw new MessageError(
      `headers.${name}`,
      "this header is made from the message's own fields, or on the way; it cannot be set here",
    );
  }
}
