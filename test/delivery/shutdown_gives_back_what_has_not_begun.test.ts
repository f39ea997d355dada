import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

const late = { do: "late", ms: 100, answer: { code: 250, lines: ["2.0.0 Taken"] } } as const;

async function busy(effect: typeof late | { readonly do: "silence" }) {
  let open: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (open = resolve));
  const peer = await startPeer({
    content: () => {
      open();
      return effect;
    },
  });
  const world = await startWorld();
  await world.account("main", peer.port);
  const ids = await world.send(...Array.from({ length: 20 }, () => ({ lane: "bulk" as const })));
  await begun;
  return { world, peer, ids };
}

test("stopping lets the dialogue under way end, and gives back everything else untouched", async () => {
  const { world, peer, ids } = await busy(late);
  await world.delivery.stop({ graceMs: 60_000 });
  expect(peer.received).toHaveLength(1);
  const messages = await Promise.all(ids.map((id) => world.message(id)));
  const recipients = messages.flatMap((message) => message.recipients);
  expect(recipients.filter(({ state }) => state === "sent")).toHaveLength(1);
  expect(recipients.filter(({ state, attempts }) => state === "queued" && attempts === 0)).toHaveLength(19);
});

test("a dialogue that does not end in time is cut: its message is unknown, as the server may have it", async () => {
  const { world, ids } = await busy({ do: "silence" });
  await world.delivery.stop({ graceMs: 0 });
  const states = (await Promise.all(ids.map((id) => world.states(id)))).flat();
  expect(states.filter((state) => state === "unknown")).toHaveLength(1);
  expect(states.filter((state) => state === "queued")).toHaveLength(19);
});
