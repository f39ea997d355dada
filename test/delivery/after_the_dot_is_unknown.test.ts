import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

test("when the connection dies after the final dot, urgent mail is sent again under the same Message-ID, and other mail waits for a person", async () => {
  let dying = true;
  const peer = await startPeer({ content: () => (dying ? { do: "drop" } : null) });
  const world = await startWorld();
  await world.account("main", peer.port);

  const [normal] = await world.send({ lane: "normal" });
  const [lost] = await world.until("unknown");
  expect(lost!.verdict).toMatchObject({ certainty: "unknown" });
  expect(await world.states(normal!)).toEqual(["unknown"]);

  const [bulk] = await world.send({ lane: "bulk" });
  await world.until("unknown", 2);
  expect(await world.states(bulk!)).toEqual(["unknown"]);

  // Two failures in a row make the line rest for a second.
  world.clock.advance(2_000);
  const [urgent] = await world.send({ lane: "urgent" });
  const [deferred] = await world.until("deferred");
  dying = false;
  await world.passTo(deferred!.dueAt);
  await world.until("sent");
  expect(await world.states(urgent!)).toEqual(["sent"]);
  const seen = peer.received.slice(2).map(({ messageId }) => messageId);
  expect(seen).toEqual([(await world.message(urgent!)).messageId, (await world.message(urgent!)).messageId]);

  expect(await world.states(normal!)).toEqual(["unknown"]);
  expect(await world.store.retry(normal!, world.clock.now())).toBe(1);
  world.delivery.wake();
  await world.until("sent", 2);
  expect(await world.states(normal!)).toEqual(["sent"]);
});
