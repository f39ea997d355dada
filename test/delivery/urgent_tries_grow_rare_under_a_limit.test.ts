import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

test("an urgent message may try while the account rests, by its schedule and not every two seconds", async () => {
  const peer = await startPeer({ mail: () => answer(450, "4.7.0 Rate limit exceeded for this account") });
  const world = await startWorld();
  await world.account("main", peer.port);
  await world.send({ lane: "urgent" });
  const waits: number[] = [];
  while (waits.length < 4) {
    const deferred = await world.until("deferred", waits.length + 1);
    const { at, dueAt } = deferred.at(-1)!;
    waits.push(dueAt - at);
    await world.passTo(dueAt);
  }
  expect(waits).toEqual([2_000, 5_000, 15_000, 60_000]);
});
