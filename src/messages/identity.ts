// Ids: of messages within Postrider, and the Message-ID that everyone sees.
import { randomUUID } from "node:crypto";

/**
 * UUID, version 7 (RFC 9562 §5.7): the time in milliseconds, then 74 random bits, so that ids sort by time.
 * `random` gives at least 10 bytes.
 */
export function uuidV7(now: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Ten random bytes. `randomUUID` draws from a store of them, where `randomBytes` asks the system each time. */
export function tenRandomBytes(): Uint8Array {
  const bytes = Buffer.from(randomUUID().replaceAll("-", ""), "hex");
  // Bits of the 7th and 9th byte say what kind of UUID it is (RFC 9562 §5.4).
  return Buffer.concat([bytes.subarray(0, 6), bytes.subarray(10, 14)]);
}

/**
 * The Message-ID header's value (RFC 5322 §3.6.4), at the sender's domain: receivers look askance at ids
 * from elsewhere. Made from the id, so that every attempt carries the same one and receivers can tell a double.
 */
export function messageIdFor(id: string, senderDomain: string): string {
  return `<${id}@${senderDomain}>`;
}
