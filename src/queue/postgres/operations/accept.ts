// Takes messages in: all of a request, or none; requests made at the same time in one commit.
import { lanes } from "../../../messages/lanes.ts";
import type { Accepted, NewMessage } from "../../store.ts";
import { suppressionKey } from "../../suppression.ts";
import type { Rows, Session } from "../database.ts";
import type { Engine } from "../engine.ts";
import { concernsOne } from "../failure.ts";
import { sql } from "../sql.ts";
import type { Stream } from "../streams.ts";

export type Request = readonly NewMessage[];

/**
 * Accepts several requests in one commit. One that cannot be stored fails alone: then each is tried by itself.
 * `again`: an earlier try may have been committed without our hearing of it.
 */
export async function acceptTogether(
  engine: Engine,
  requests: readonly Request[],
  again: boolean,
): Promise<readonly PromiseSettledResult<readonly Accepted[]>[]> {
  try {
    const answers = await acceptAll(engine, requests, again);
    return answers.map((value) => ({ status: "fulfilled", value }));
  } catch (error) {
    // By now the commit whose end was not known has come to its own: what it has stored is seen.
    if (!concernsOne(error) || (requests.length === 1 && !again)) throw error;
    const settled: PromiseSettledResult<readonly Accepted[]>[] = [];
    for (const request of requests) settled.push(...(await alone(engine, request, again)));
    return settled;
  }
}

async function alone(
  engine: Engine,
  request: Request,
  again: boolean,
): Promise<readonly PromiseSettledResult<readonly Accepted[]>[]> {
  try {
    return [{ status: "fulfilled", value: (await acceptAll(engine, [request], again))[0]! }];
  } catch (reason) {
    if (concernsOne(reason)) return [{ status: "rejected", reason }];
    throw reason;
  }
}

async function acceptAll(
  engine: Engine,
  requests: readonly Request[],
  again: boolean,
): Promise<readonly (readonly Accepted[])[]> {
  const { database, streams } = engine;
  const known = await streams.of(database, requests.flat());
  const streamOf = new Map(requests.flat().map((message, i) => [message, known[i]!]));
  const keyed = requests.some((request) => request.some(({ idempotency }) => idempotency !== null));
  // One statement is one transaction, and one way there and back.
  if (!keyed && !again) return insert(database, requests, streamOf);
  return database.transaction(async (session) => {
    const before = again ? await acceptedBefore(session, requests) : new Map<string, Accepted>();
    const open = requests.filter((request) => !request.some(({ id }) => before.has(id)));
    const answers = await answer(session, open);
    const wanted = answers.map((each, r) => open[r]!.filter((_, i) => each[i]!.status === "accepted"));
    const inserted = (await insert(session, wanted, streamOf)).flat();
    const byId = new Map(inserted.map((one) => [one.id, one]));
    const settled = new Map(open.map((request, r) => [request, answers[r]!]));
    return requests.map((request) => {
      const given = settled.get(request);
      if (given === undefined) return request.map(({ id }) => before.get(id)!);
      return given.map((one) => (one.status === "accepted" ? byId.get(one.id)! : one));
    });
  });
}

/** What an earlier try has answered, of the requests that it has committed. */
async function acceptedBefore(
  session: Session,
  requests: readonly Request[],
): Promise<ReadonlyMap<string, Accepted>> {
  const rows = await session.rows<{ id: string; address: string | null }>(sql.acceptedBefore, [
    requests.flatMap((request) => request.map(({ id }) => id)),
  ]);
  const before = new Map<string, Accepted>();
  for (const [id, people] of Map.groupBy(rows, (row) => row.id)) {
    const suppressed = people.flatMap(({ address }) => (address === null ? [] : [address]));
    before.set(id, { status: "accepted", id, suppressed });
  }
  // A message without a row of its own repeated an earlier one, or another of its request.
  const repeated = requests
    .filter((request) => request.some(({ id }) => before.has(id)))
    .flat()
    .filter(({ id }) => !before.has(id));
  const holders = await holdersOf(session, repeated);
  for (const { id, origin, idempotency } of repeated) {
    const holder = holders.get(placeOf(origin, idempotency!.key))!;
    before.set(id, { status: "repeated", id: holder.id });
  }
  return before;
}

/** The message that an idempotency key belongs to. */
interface Holder {
  readonly hash: string;
  readonly id: string;
}

const placeOf = (origin: string, key: string) => JSON.stringify([origin, key]);

/** What each message's idempotency key says about it, keys of the same request included. Takes the keys that are free. */
async function answer(session: Session, requests: readonly Request[]): Promise<Accepted[][]> {
  const firsts = new Map<string, NewMessage>();
  for (const message of requests.flat()) {
    if (message.idempotency === null) continue;
    const place = placeOf(message.origin, message.idempotency.key);
    if (!firsts.has(place)) firsts.set(place, message);
  }
  const earlier = await takeKeys(session, firsts);
  const answers = requests.map((request) =>
    request.map((message): Accepted => {
      const { id, origin, idempotency } = message;
      if (idempotency === null) return { status: "accepted", id, suppressed: [] };
      const place = placeOf(origin, idempotency.key);
      const holder = earlier.get(place)!;
      if (holder.id === id) return { status: "accepted", id, suppressed: [] };
      return { status: holder.hash === idempotency.bodyHash ? "repeated" : "conflict", id: holder.id };
    }),
  );
  const refused: NewMessage[] = [];
  for (const [r, each] of answers.entries()) {
    const conflict = each.find((one) => one.status === "conflict");
    if (conflict === undefined) continue;
    refused.push(...requests[r]!.filter((_, i) => each[i]!.status === "accepted"));
    answers[r] = each.map((one) =>
      one.status === "accepted" ? { status: "conflict", id: conflict.id } : one,
    );
  }
  // What the refused would have kept is nobody's; who counted on it is asked again.
  if (!refused.some(({ idempotency }) => idempotency !== null)) return answers;
  await letKeysGo(session, refused);
  const rest = requests.filter((_, r) => !answers[r]!.some((one) => one.status === "conflict"));
  const again = new Map(rest.map((request, r) => [request, r]));
  const anew = await answer(session, rest);
  return requests.map((request, r) => (again.has(request) ? anew[again.get(request)!]! : answers[r]!));
}

/** Whose each key is now. In order of the keys, so that nobody waits for each other. */
async function takeKeys(
  session: Session,
  firsts: ReadonlyMap<string, NewMessage>,
): Promise<ReadonlyMap<string, Holder>> {
  const holders = new Map<string, Holder>();
  if (firsts.size === 0) return holders;
  const places = [...firsts.keys()].sort();
  const messages = places.map((place) => firsts.get(place)!);
  const taken = await session.rows<{ origin: string; key: string }>(sql.insertIdempotency, [
    messages.map(({ origin }) => origin),
    messages.map(({ idempotency }) => idempotency!.key),
    messages.map(({ idempotency }) => idempotency!.bodyHash),
    messages.map(({ id }) => id),
    messages.map(({ createdAt }) => createdAt),
  ]);
  for (const { origin, key } of taken) {
    const { id, idempotency } = firsts.get(placeOf(origin, key))!;
    holders.set(placeOf(origin, key), { id, hash: idempotency!.bodyHash });
  }
  const others = places.filter((place) => !holders.has(place)).map((place) => firsts.get(place)!);
  if (others.length === 0) return holders;
  for (const [place, holder] of await holdersOf(session, others)) holders.set(place, holder);
  return holders;
}

async function holdersOf(
  session: Session,
  messages: readonly NewMessage[],
): Promise<ReadonlyMap<string, Holder>> {
  if (messages.length === 0) return new Map();
  const rows = await session.rows<{ origin: string; key: string; body_hash: string; id: string }>(
    sql.idempotency,
    [messages.map(({ origin }) => origin), messages.map(({ idempotency }) => idempotency!.key)],
  );
  return new Map(
    rows.map(({ origin, key, body_hash: hash, id }) => [placeOf(origin, key), { hash, id }] as const),
  );
}

async function letKeysGo(session: Session, refused: readonly NewMessage[]): Promise<void> {
  const keyed = refused.filter(({ idempotency }) => idempotency !== null);
  await session.rows(sql.releaseIdempotency, [
    keyed.map(({ origin }) => origin),
    keyed.map(({ idempotency }) => idempotency!.key),
    keyed.map(({ id }) => id),
  ]);
}

/** Writes messages whose ids and keys are free. */
export async function insert(
  rows: Rows,
  requests: readonly Request[],
  streamOf: ReadonlyMap<NewMessage, Stream>,
): Promise<readonly (readonly (Accepted & { readonly status: "accepted" })[])[]> {
  const messages = requests.flat();
  if (messages.length === 0) return requests.map(() => []);
  const starts: number[] = [];
  let length = 0;
  for (const { content } of messages) {
    starts.push(length);
    length += content.byteLength;
  }
  const dueAt = ({ notBefore, createdAt }: NewMessage) => Math.max(notBefore ?? createdAt, createdAt);
  const people = messages.flatMap(({ recipients }, n) =>
    recipients.map((address, position) => ({ nth: n + 1, position, address })),
  );
  const found = await rows.rows<{ nth: number; address: string }>(sql.insertMessages, [
    messages.map(({ id }) => id),
    messages.map(({ messageId }) => messageId),
    messages.map(({ lane }) => lanes.indexOf(lane)),
    messages.map(({ route }) => route),
    messages.map(({ envelopeFrom }) => envelopeFrom),
    messages.map(({ view }) => JSON.stringify(view)),
    messages.map(({ content }) => content.byteLength),
    messages.map(({ sensitive }) => sensitive),
    messages.map(({ createdAt }) => createdAt),
    messages.map(({ notBefore }) => notBefore),
    messages.map(({ expiresAt }) => expiresAt),
    messages.map(({ origin }) => origin),
    messages.map((message) => streamOf.get(message)!.id),
    messages.map(dueAt),
    starts,
    people.map(({ nth }) => nth),
    people.map(({ position }) => position),
    people.map(({ address }) => address),
    people.map(({ address }) => (suppressionKey(address) === address ? null : suppressionKey(address))),
    Buffer.concat(messages.map(({ content }) => content)),
  ]);
  const suppressed = Map.groupBy(found, ({ nth }) => nth);
  let nth = 0;
  return requests.map((request) =>
    request.map(({ id }) => {
      nth += 1;
      return { status: "accepted", id, suppressed: (suppressed.get(nth) ?? []).map((one) => one.address) };
    }),
  );
}
