// What applications submit in their own transactions: taken up, made into messages, or refused.
import { lanes } from "../../../messages/lanes.ts";
import type { Instant, Submissions, Submitted } from "../../store.ts";
import { suppressionKey } from "../../suppression.ts";
import type { Engine } from "../engine.ts";
import { submissionsSql as sql } from "../submissions-sql.ts";
import { insert } from "./accept.ts";

interface SubmissionRow {
  readonly id: string;
  readonly origin: string;
  readonly mail: string;
  readonly submitted_at: Instant;
  readonly tries: number;
}

export function openSubmissions(engine: Engine): Submissions {
  const { database, notices, streams } = engine;
  return {
    async next({ now, limit, maxBytes, leaseMs }) {
      const values = [now, limit, now + leaseMs, maxBytes];
      const rows = await database.rows<SubmissionRow>(sql.takeSubmissions, values);
      return rows.map(
        ({ id, origin, mail, submitted_at: submittedAt, tries }): Submitted => ({
          id,
          origin,
          mail,
          submittedAt,
          tries,
        }),
      );
    },

    async due() {
      const [row] = await database.rows<{ readonly next: Instant | null }>(sql.nextSubmission, []);
      return row?.next ?? null;
    },

    async accept(messages) {
      if (messages.length === 0) return [];
      const known = await streams.of(database, messages);
      const streamOf = new Map(messages.map((message, i) => [message, known[i]!]));
      const answers = await database.transaction(async (session) => {
        const removed = await session.rows<{ readonly id: string }>(sql.removeSubmissions, [
          messages.map(({ id }) => id),
        ]);
        const open = new Set(removed.map(({ id }) => id));
        const wanted = messages.filter(({ id }) => open.has(id));
        const [accepted = []] = await insert(session, [wanted], streamOf);
        return new Map(accepted.map((answer) => [answer.id, answer]));
      });
      if (answers.size > 0) notices.workIsDue();
      return messages.map(({ id }) => answers.get(id) ?? null);
    },

    async refuse({ verdict, at, recipients, ...message }) {
      const rows = await database.rows(sql.refuseSubmission, [
        message.id,
        message.messageId,
        lanes.indexOf(message.lane),
        message.route,
        message.envelopeFrom,
        JSON.stringify(message.view),
        message.sensitive,
        message.createdAt,
        message.expiresAt,
        message.origin,
        recipients,
        recipients.map((address) => (suppressionKey(address) === address ? null : suppressionKey(address))),
        at,
        JSON.stringify(verdict),
      ]);
      return rows.length > 0;
    },

    async putOff(ids, until) {
      await database.rows(sql.putSubmissionsOff, [ids, until]);
    },
  };
}
