// What a server says it can do: the EHLO reply as a value (RFC 5321 §4.1.1.1).
import type { Reply } from "./reply.ts";

export interface Capabilities {
  /** The name the server gives itself, the first word of the first line; empty when it gives none. */
  readonly name: string;
  /** Every keyword in upper case with its parameters as sent, in the order sent; of a keyword sent twice the parameters are joined. */
  readonly keywords: ReadonlyMap<string, readonly string[]>;
  readonly starttls: boolean;
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  readonly chunking: boolean;
  readonly enhancedStatusCodes: boolean;
  /** Bytes a message may have (RFC 1870); null when the server sets no fixed limit. */
  readonly size: number | null;
  /** Whether MAIL may declare SIZE=. */
  readonly declaresSize: boolean;
  /** Sign-in mechanisms in upper case, as listed by `AUTH` and by the old form `AUTH=`. */
  readonly auth: readonly string[];
}

/** What a server has that knows HELO only. */
export const noCapabilities: Capabilities = build("", new Map());

/**
 * Reads the reply to EHLO. Letter case doesn't matter. Tolerated: `AUTH=LOGIN` (old Microsoft
 * servers), `8 BITMIME` (Yahoo), and keywords that a firewall has masked (`XXXXXXXA`), which stay
 * in `keywords` and mean nothing.
 */
export function parseCapabilities(reply: Reply): Capabilities {
  const keywords = new Map<string, readonly string[]>();
  for (const line of reply.lines.slice(1)) {
    const [first = "", ...rest] = line
      .trim()
      .replace(/^8\s+BITMIME/i, "8BITMIME")
      .replace(/^AUTH=/i, "AUTH ")
      .split(/\s+/);
    if (first === "") continue;
    const keyword = first.toUpperCase();
    keywords.set(keyword, [...(keywords.get(keyword) ?? []), ...rest]);
  }
  const name = (reply.lines[0] ?? "").trim().split(/\s+/)[0] ?? "";
  return build(name, keywords);
}

function build(name: string, keywords: ReadonlyMap<string, readonly string[]>): Capabilities {
  return {
    name,
    keywords,
    starttls: keywords.has("STARTTLS"),
    pipelining: keywords.has("PIPELINING"),
    eightBitMime: keywords.has("8BITMIME"),
    smtpUtf8: keywords.has("SMTPUTF8"),
    dsn: keywords.has("DSN"),
    chunking: keywords.has("CHUNKING"),
    enhancedStatusCodes: keywords.has("ENHANCEDSTATUSCODES"),
    size: parseSize(keywords.get("SIZE")?.[0]),
    declaresSize: keywords.has("SIZE"),
    auth: [...new Set((keywords.get("AUTH") ?? []).map((mechanism) => mechanism.toUpperCase()))],
  };
}

/** RFC 1870 §4: up to 20 digits; 0 means no fixed limit. What is beyond exact integers is no limit either. */
function parseSize(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return null;
  const size = Number(text);
  return size === 0 || !Number.isSafeInteger(size) ? null : size;
}
