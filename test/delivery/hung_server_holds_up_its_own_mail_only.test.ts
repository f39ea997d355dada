import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

test("a server that says nothing has few places in hand, and the rest go on serving the others", async () => {
  let hung = 0;
  let open: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (open = resolve));
  const silent = await startPeer({
    content: () => {
      hung += 1;
      open();
      return { do: "silence" };
    },
  });
  const peer = await startPeer();
  const world = await startWorld({ concurrency: 16 });
  await world.account("hung", silent.port);
  await world.account("fine", peer.port);
  await world.send(...Array.from({ length: 6 }, () => ({ lane: "bulk" as const, route: "hung" })));
  await begun;
  // More than there are places: the last of them are claimed as the first ones land.
  await world.send(...Array.from({ length: 60 }, () => ({ lane: "bulk" as const, route: "fine" })));
  await world.until("sent", 60);
  expect(hung).toBe(1);
  expect(peer.received).toHaveLength(60);
});
