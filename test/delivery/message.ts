// A small message, known by its Message-ID.
import { randomBytes } from "node:crypto";
import { uuidV7 } from "../../src/messages/identity.ts";
import type { Lane } from "../../src/messages/lanes.ts";
import type { NewMessage } from "../../src/queue/store.ts";

export interface Wanted {
  readonly lane?: Lane;
  readonly to?: readonly string[];
  readonly route?: string | null;
  /** Milliseconds from now. */
  readonly lifetime?: number;
}

export function newMessage(now: number, wanted: Wanted = {}): NewMessage {
  const id = uuidV7(now, randomBytes(10));
  const messageId = `<${id}@example.com>`;
  const to = wanted.to ?? ["ann@example.net"];
  return {
    id,
    messageId,
    lane: wanted.lane ?? "normal",
    route: wanted.route ?? null,
    envelopeFrom: "app@example.com",
    recipients: to,
    view: { from: "app@example.com", to, cc: [], bcc: [], replyTo: [], subject: "Hello", tags: [] },
    content: Buffer.from(
      `From: app@example.com\r\nMessage-ID: ${messageId}\r\nSubject: Hello\r\n\r\nHello\r\n`,
    ),
    sensitive: false,
    createdAt: now,
    notBefore: null,
    expiresAt: now + (wanted.lifetime ?? 86_400_000),
    origin: "test",
    idempotency: null,
  };
}
