// Takes messages in: all of a request, or none.
import type { Accepted, NewMessage } from "../../store.ts";
import { laneNumber, stateNumber } from "../progress.ts";
import type { Engine } from "../statements.ts";

export function accept(engine: Engine, messages: readonly NewMessage[]): readonly Accepted[] {
  const answers = answer(engine, messages);
  const conflict = answers.find((one) => one.status === "conflict");
  if (conflict !== undefined) {
    return answers.map((one) => (one.status === "accepted" ? { status: "conflict", id: conflict.id } : one));
  }
  answers.forEach((one, i) => {
    if (one.status === "accepted") insert(engine, messages[i]!);
  });
  return answers;
}

/** What each message's idempotency key says about it, keys of the same request included. */
function answer({ statements }: Engine, messages: readonly NewMessage[]): Accepted[] {
  const seen = new Map<string, { hash: string; id: string }>();
  return messages.map(({ id, origin, idempotency }) => {
    if (idempotency === null) return { status: "accepted", id };
    const place = JSON.stringify([origin, idempotency.key]);
    let earlier = seen.get(place);
    if (earlier === undefined) {
      const row = statements.findIdempotency.get(origin, idempotency.key);
      if (row !== undefined) earlier = { hash: row.body_hash as string, id: row.id as string };
    }
    if (earlier === undefined) {
      seen.set(place, { hash: idempotency.bodyHash, id });
      return { status: "accepted", id };
    }
    return { status: earlier.hash === idempotency.bodyHash ? "repeated" : "conflict", id: earlier.id };
  });
}

function insert({ statements }: Engine, message: NewMessage): void {
  const { notBefore, createdAt, expiresAt } = message;
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
    message.sensitive ? 1 : 0,
    createdAt,
    notBefore,
    expiresAt,
    message.origin,
  );
  const seq = Number(lastInsertRowid);
  const state = stateNumber(scheduled ? "scheduled" : "queued");
  message.recipients.forEach((address, position) => {
    statements.insertRecipient.run(seq, position, lane, state, dueAt, createdAt, address);
  });
  statements.insertContent.run(seq, message.content);
  statements.putWork.run(seq, lane, Math.min(dueAt, expiresAt), null);
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
}
