// Several nodes do everything at once on the same messages: each recipient is sent to once, and the books agree at the end.
import { expect, test } from "vitest";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { lanes } from "../../messages/lanes.ts";
import { attempt, id, message, minute, now, verdict } from "../conformance/harness.ts";
import type { QueueStore, RecipientOutcome } from "../store.ts";
import { Database } from "./database.ts";
import { openPostgresStore } from "./open.ts";

const messages = 400;

test("nodes that claim, record, steer and prune the same messages at once agree in the end", async () => {
  const options = await freshStoreOptions();
  const nodes = await Promise.all(
    [1, 2, 3].map((n) => openPostgresStore({ ...options, connections: 4, owner: `node ${n}` })),
  );
  const database = new Database(options);
  const sent = new Map<string, number>();
  const random = seeded(20_261_124);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  let time = now;
  let accepted = 0;

  const accept = async (node: QueueStore) => {
    while (accepted < messages) {
      const recipients = ["a", "b", "c"]
        .slice(0, 1 + Math.floor(random() * 3))
        .map((r) => `${r}@example.net`);
      const given = { recipients, lane: pick(lanes), origin: pick(["x", "y"]), route: pick([null, "main"]) };
      await node.accept([message(++accepted, { ...given, createdAt: time, sensitive: random() < 0.2 })]);
    }
  };
  const outcome = (index: number): RecipientOutcome => {
    const dice = random();
    if (dice < 0.6) return { index, event: "accept" };
    if (dice < 0.7) return { index, event: "release" };
    if (dice < 0.8) return { index, event: "defer", dueAt: time + 1, verdict };
    return { index, event: pick(["park", "lose", "bounce"]), verdict };
  };
  const deliver = async (node: QueueStore) => {
    for (let round = 0; round < 30; round++) {
      time += 1;
      const { claims } = await node.claim({
        now: time,
        limit: 1 + Math.floor(random() * 20),
        maxBytes: 1e9,
        leaseMs: minute,
        owner: "any",
      });
      const records = claims.map((claim) =>
        attempt(
          claim,
          claim.recipients.map(({ index }) => outcome(index)),
          { endedAt: time },
        ),
      );
      await node.extend(claims, time + minute);
      const answers = await node.record(records);
      for (const [n, { applied }] of answers.entries()) {
        expect(applied).toBe(true);
        for (const { index, event } of records[n]!.outcomes) {
          const place = `${records[n]!.messageId} ${index}`;
          if (event === "accept") sent.set(place, (sent.get(place) ?? 0) + 1);
        }
      }
    }
  };
  const steer = async (node: QueueStore) => {
    for (let round = 0; round < 60; round++) {
      const which = id(1 + Math.floor(random() * messages));
      const dice = random();
      if (dice < 0.1) await node.unpark(pick([null, "main"]), time);
      else if (dice < 0.2) await node.clockSetBack(time - 1);
      else if (dice < 0.3) await node.depth();
      else await pick([node.retry, node.cancel, node.retry])(which, time);
    }
  };
  const before = { contentBefore: 0, transcriptBefore: 0, messageBefore: 0, idempotencyBefore: 0 };
  const prune = async (node: QueueStore) => {
    for (let round = 0; round < 20; round++)
      await node.prune({
        ...before,
        now: time,
        transcriptBefore: time + 9,
        contentBefore: time - 9,
        limit: 20,
      });
  };

  try {
    await Promise.all(
      nodes.flatMap((node) => [accept(node), deliver(node), deliver(node), steer(node), prune(node)]),
    );
    expect([...sent.values()].filter((times) => times > 1)).toEqual([]);
    const wrong = await database.rows<{ what: string; message: number }>({ name: "books", text: books }, []);
    expect(wrong).toEqual([]);
  } finally {
    await Promise.all([...nodes.map((node) => node.close()), database.close()]);
  }
});

/** What one table says against another. */
const books = `
  WITH counted AS (
    SELECT message, count(*) FILTER (WHERE state = 1) AS queued, count(*) FILTER (WHERE state = 2) AS sending,
      bool_and(state >= 6) AS over FROM recipients GROUP BY message
  )
  SELECT 'at work and over, or neither' AS what, message FROM counted
    WHERE over = EXISTS (SELECT FROM work AS w WHERE w.message = counted.message)
  UNION ALL SELECT 'counted otherwise', c.message FROM counted AS c JOIN work AS w USING (message)
    WHERE (c.queued, c.sending) <> (w.queued, w.sending)
  UNION ALL SELECT 'leased and not being sent, or the other way', c.message FROM counted AS c JOIN work AS w USING (message)
    WHERE (w.lease IS NOT NULL) <> (c.sending > 0)
  UNION ALL SELECT 'finished and not over, or the other way', message FROM counted
    WHERE over <> EXISTS (SELECT FROM finished AS f WHERE f.message = counted.message)
  UNION ALL SELECT 'finished twice', message FROM finished GROUP BY message HAVING count(*) > 1
  UNION ALL SELECT 'standing otherwise', message FROM recipients
    WHERE standing IS DISTINCT FROM CASE WHEN state IN (1, 2, 6) THEN NULL ELSE state END
  UNION ALL SELECT 'waits without a content', message FROM work
    WHERE NOT EXISTS (SELECT FROM content AS c WHERE c.message = work.message)`;

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
