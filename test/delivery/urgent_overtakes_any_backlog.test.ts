import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

test("an urgent message leaves before everything of the backlog that has not begun", async () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let begun = 0;
  const peer = await startPeer({
    content: () => {
      begun += 1;
      if (begun === 3) open();
      return begun <= 20 ? { do: "late", ms: 20, answer: { code: 250, lines: ["2.0.0 Taken"] } } : null;
    },
  });
  const world = await startWorld({ concurrency: 16 });
  await world.account("main", peer.port);
  await world.send(...Array.from({ length: 200 }, () => ({ lane: "bulk" as const })));
  await opened;
  const taken = peer.received.length;
  const [urgent] = await world.send({ lane: "urgent" });
  const { messageId } = await world.message(urgent!);
  await world.until("sent", 201);
  const place = peer.received.findIndex((received) => received.messageId === messageId);
  // Those under way on the other connections may end first, and as many again begin while it is claimed.
  expect(place - taken).toBeLessThan(20);
});
