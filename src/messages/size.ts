// How large a message may be.
import { MessageError } from "./error.ts";

/** 35 MiB: what the most generous of the large providers take. */
export const defaultMaxBytes = 35 * 1024 * 1024;

/** Throws MessageError, naming size and limit. */
export function checkSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new MessageError(
    "message",
    `it is ${shown(bytes)} with its attachments encoded; the limit is ${shown(maxBytes)}. Send a link to the file instead.`,
  );
}

function shown(bytes: number): string {
  return bytes < 1024 * 1024
    ? `${bytes} bytes`
    : `${(bytes / (1024 * 1024)).toFixed(1)} MiB (${bytes} bytes)`;
}
