// Takes messages in: all of a request, or none.
import type { RecipientState } from "../../../messages/states.ts";
import { isOver, stateNumber } from "../../progress.ts";
import type { Accepted, NewMessage } from "../../store.ts";
import { laneNumber } from "../message.ts";
import { finish } from "../progress.ts";
import type { Engine } from "../statements.ts";
import { isSuppressed } from "./suppressions.ts";

export function accept(engine: Engine, messages: readonly NewMessage[]): readonly Accepted[] {
  const answers = answer(engine, messages);
  const conflict = answers.find((one) => one.status === "conflict");
  if (conflict !== undefined) {
    return answers.map((one) => (one.status === "accepted" ? { status: "conflict", id: conflict.id } : one));
  }
  return answers.map((one, i) =>
    one.status === "accepted" ? { ...one, suppressed: insert(engine, messages[i]!) } : one,
  );
}

/** What each message's idempotency key says about it, keys of the same request included. */
function answer({ statements }: Engine, messages: readonly NewMessage[]): Accepted[] {
  const seen = new Map<string, { hash: string; id: string }>();
  return messages.map(({ id, origin, idempotency }) => {
    if (idempotency === null) return { status: "accepted", id, suppressed: [] };
    const place = JSON.stringify([origin, idempotency.key]);
    let earlier = seen.get(place);
    if (earlier === undefined) {
      const row = statements.findIdempotency.get(origin, idempotency.key);
      if (row !== undefined) earlier = { hash: row.body_hash as string, id: row.id as string };
    }
    if (earlier === undefined) {
      seen.set(place, { hash: idempotency.bodyHash, id });
      return { status: "accepted", id, suppressed: [] };
    }
    return { status: earlier.hash === idempotency.bodyHash ? "repeated" : "conflict", id: earlier.id };
  });
}

/** The recipients that are suppressed. */
function insert(engine: Engine, message: NewMessage): readonly string[] {
  const { statements, memory } = engine;
  const { notBefore, createdAt, expiresAt, sensitive } = message;
  const lane = laneNumber(message.lane);
  const scheduled = notBefore !== null && notBefore > createdAt;
  const dueAt = scheduled ? notBefore : createdAt;
  const { lastInsertRowid } = statements.insertMessage.run(
    message.id,
    message.messageId,
    lane,
    message.route,
    message.envelopeFrom,
    JSON.stringify(message.view),
    message.content.byteLength,
    sensitive ? 1 : 0,
    createdAt,
    notBefore,
    expiresAt,
    message.origin,
  );
  const seq = Number(lastInsertRowid);
  const recipients = message.recipients.map((address, position) => {
    const suppressed = isSuppressed(engine, address);
    const state: RecipientState = suppressed ? "suppressed" : scheduled ? "scheduled" : "queued";
    const due = suppressed ? null : dueAt;
    statements.insertRecipient.run(seq, position, lane, stateNumber(state), due, createdAt, address);
    memory.counts.moved(message.lane, null, state);
    return { address, state, changedAt: createdAt };
  });
  const over = isOver(recipients);
  if (!over || !sensitive) statements.insertContent.run(seq, message.content);
  if (over) {
    finish(engine, { seq, sensitive, recipients });
  } else {
    const stream = memory.streams.of(message.lane, message.origin, message.route);
    statements.insertWork.run(seq, stream.id, dueAt, expiresAt);
    memory.streams.added(stream, dueAt);
  }
  const { idempotency } = message;
  if (idempotency !== null) {
    statements.insertIdempotency.run(
      message.origin,
      idempotency.key,
      idempotency.bodyHash,
      message.id,
      createdAt,
    );
  }
  return recipients.filter(({ state }) => state === "suppressed").map(({ address }) => address);
}
