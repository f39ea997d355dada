// Takes in a part of what another engine kept.
import { lanes } from "../../../messages/lanes.ts";
import { isWaiting, lastChange, stateNumber } from "../../progress.ts";
import { suppressionKey } from "../../suppression.ts";
import type { MovedBucket, MovedDocument, MovedKey, MovedMessage, Part } from "../../transfer.ts";
import type { Rows, Session } from "../database.ts";
import { importSql } from "../import-sql.ts";
import { standingOf } from "../progress.ts";
import { sql } from "../sql.ts";
import type { Stream } from "../streams.ts";
import { addSuppressions } from "./suppressions.ts";

/** What becomes of a document where another of its name is there: neither, the one that is there, or the one that comes. */
export type Existing = "refuse" | "keep" | "replace";

/** Documents that are there under the same name and say something else. */
export class DocumentsDiffer extends Error {
  readonly names: readonly { readonly kind: string; readonly name: string }[];

  constructor(names: DocumentsDiffer["names"]) {
    super(`${names.length} documents are there already and differ`);
    this.name = "DocumentsDiffer";
    this.names = names;
  }
}

/** Of how things stand just now: what those who send here have found is newer. */
const passing: ReadonlySet<string> = new Set(["condition", "token"]);

/** Rows that arrived, and how many of the messages among them wait. */
export interface Arrived {
  readonly rows: number;
  readonly waiting: number;
}

/** `streams`: one for each message of a part of messages. Throws DocumentsDiffer. */
export async function importPart(
  session: Session,
  part: Part,
  streams: readonly Stream[],
  existing: Existing,
): Promise<Arrived> {
  switch (part.stage) {
    case "documents":
      return { rows: await importDocuments(session, part.rows, existing), waiting: 0 };
    case "suppressions":
      await addSuppressions(session, part.rows);
      return { rows: part.rows.length, waiting: 0 };
    case "idempotency":
      await importKeys(session, part.rows);
      return { rows: part.rows.length, waiting: 0 };
    case "spent":
      await importBuckets(session, part.rows);
      return { rows: part.rows.length, waiting: 0 };
    case "messages":
      return importMessages(session, part.rows, part.contents, streams);
  }
}

/** Those that say something else than the documents that come. */
export async function differing(
  rows: Rows,
  documents: readonly MovedDocument[],
): Promise<readonly MovedDocument[]> {
  const found = await rows.rows<MovedDocument>(importSql.documentsNamed, [
    documents.map(({ kind }) => kind),
    documents.map(({ name }) => name),
  ]);
  const place = ({ kind, name }: MovedDocument) => JSON.stringify([kind, name]);
  const bodies = new Map(found.map((one) => [place(one), one.body]));
  return documents.filter((one) => (bodies.get(place(one)) ?? one.body) !== one.body);
}

export const isPassing = ({ kind }: { readonly kind: string }): boolean => passing.has(kind);

async function importDocuments(
  session: Session,
  documents: readonly MovedDocument[],
  existing: Existing,
): Promise<number> {
  // From now on nobody else writes documents.
  const [written] = await session.rows<{ readonly value: number }>(importSql.lockDocuments, []);
  const differ = await differing(session, documents);
  const refused = differ.filter((one) => !isPassing(one));
  if (existing === "refuse" && refused.length > 0) {
    throw new DocumentsDiffer(refused.map(({ kind, name }) => ({ kind, name })));
  }
  const stays = new Set(existing === "replace" ? differ.filter(isPassing) : differ);
  const coming = documents.filter((one) => !stays.has(one));
  await session.rows(importSql.putDocuments, [
    coming.map(({ kind }) => kind),
    coming.map(({ name }) => name),
    coming.map(({ body }) => body),
    written!.value,
  ]);
  return coming.length;
}

/** In their order, so that nobody waits for each other. A key that is there stays whose it is. */
async function importKeys(session: Session, keys: readonly MovedKey[]): Promise<void> {
  await session.rows(importSql.importIdempotency, [
    keys.map(({ origin }) => origin),
    keys.map(({ key }) => key),
    keys.map(({ bodyHash }) => bodyHash),
    keys.map(({ id }) => id),
    keys.map(({ createdAt }) => createdAt),
  ]);
}

/** On top of what was spent here: the provider counts both. */
async function importBuckets(session: Session, buckets: readonly MovedBucket[]): Promise<void> {
  await session.rows(sql.addSpent, [
    buckets.map(({ account }) => account),
    buckets.map(({ span }) => span),
    buckets.map(({ start }) => start),
    buckets.map(({ urgent }) => urgent),
    buckets.map(({ other }) => other),
  ]);
}

/** In order; a message that is there already is left as it is. */
async function importMessages(
  session: Session,
  messages: readonly MovedMessage[],
  contents: Uint8Array,
  streams: readonly Stream[],
): Promise<Arrived> {
  if (messages.length === 0) return { rows: 0, waiting: 0 };
  const starts: number[] = [];
  let length = 0;
  for (const { contentBytes } of messages) {
    starts.push(length);
    length += contentBytes ?? 0;
  }
  const people = messages.flatMap(({ recipients }, n) => recipients.map((one) => ({ nth: n + 1, ...one })));
  const attempts = messages.flatMap((message, n) => message.attempts.map((one) => ({ nth: n + 1, ...one })));
  const [arrived] = await session.rows<{ readonly messages: number; readonly waiting: number }>(
    importSql.importMessages,
    [
      messages.map(({ id }) => id),
      messages.map(({ messageId }) => messageId),
      messages.map(({ lane }) => lanes.indexOf(lane)),
      messages.map(({ route }) => route),
      messages.map(({ envelopeFrom }) => envelopeFrom),
      messages.map(({ view }) => view),
      messages.map(({ size }) => size),
      messages.map(({ sensitive }) => sensitive),
      messages.map(({ createdAt }) => createdAt),
      messages.map(({ notBefore }) => notBefore),
      messages.map(({ expiresAt }) => expiresAt),
      messages.map(({ origin }) => origin),
      streams.map(({ id }) => id),
      messages.map(dueAt),
      messages.map(({ recipients }) => recipients.filter(({ state }) => state === "queued").length),
      messages.map(({ kept }) => kept),
      messages.map(({ recipients, kept }) => (kept === null ? null : lastChange(recipients))),
      starts,
      messages.map(({ contentBytes }) => contentBytes),
      people.map(({ nth }) => nth),
      people.map(({ position }) => position),
      people.map(({ state }) => stateNumber(state)),
      people.map(({ state }) => standingOf(state)),
      people.map((one) => one.attempts),
      people.map((one) => one.dueAt),
      people.map(({ changedAt }) => changedAt),
      people.map(({ address }) => address),
      people.map(({ address }) => (suppressionKey(address) === address ? null : suppressionKey(address))),
      people.map(({ verdict }) => verdict),
      contents,
      attempts.map(({ nth }) => nth),
      attempts.map(({ startedAt }) => startedAt),
      attempts.map(({ endedAt }) => endedAt),
      attempts.map(({ account }) => account),
      attempts.map(({ peer }) => peer),
      attempts.map(({ outcomes }) => outcomes),
      attempts.map(({ transcript }) => transcript),
    ],
  );
  return { rows: arrived!.messages, waiting: arrived!.waiting };
}

function dueAt({ recipients }: MovedMessage): number | null {
  const times = recipients.flatMap((r) => (isWaiting(r.state) && r.dueAt !== null ? [r.dueAt] : []));
  return times.length === 0 ? null : Math.min(...times);
}
