// The book of causes: every way in which sending fails, once, by a stable id that never changes its meaning.
import { auth } from "./book/auth.ts";
import { authPolicy } from "./book/auth-policy.ts";
import { banner } from "./book/banner.ts";
import { certificate } from "./book/certificate.ts";
import { config } from "./book/config.ts";
import { data } from "./book/data.ts";
import { delivery } from "./book/delivery.ts";
import { dns } from "./book/dns.ts";
import { ehlo } from "./book/ehlo.ts";
import { envelope } from "./book/envelope.ts";
import { envelopePolicy } from "./book/envelope-policy.ts";
import { environment } from "./book/environment.ts";
import { client, message, protocol, proxy, unknown } from "./book/ours.ts";
import { path } from "./book/path.ts";
import { tcp } from "./book/tcp.ts";
import { tls } from "./book/tls.ts";
import type { Cause } from "./entry.ts";

/** In the order in which signs of one rank are tried. */
const book = {
  ...client,
  ...config,
  ...environment,
  ...proxy,
  ...dns,
  ...tcp,
  ...path,
  ...banner,
  ...ehlo,
  ...tls,
  ...certificate,
  ...authPolicy,
  ...auth,
  ...envelopePolicy,
  ...envelope,
  ...data,
  ...delivery,
  ...message,
  ...protocol,
  ...unknown,
};

export type CauseId = keyof typeof book;

/** The entry of a cause. */
export function cause(id: CauseId): Cause {
  return book[id];
}

export function isCauseId(id: string): id is CauseId {
  return Object.hasOwn(book, id);
}

/** Every id, in the order of the book. */
export const causeIds = Object.keys(book) as readonly CauseId[];
