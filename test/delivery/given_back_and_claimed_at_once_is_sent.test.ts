import { expect, test } from "vitest";
import { startPeer, startWorld } from "./world.ts";

test("what the store hands out again before its release is known here is sent, and sent once", async () => {
  const silent = await startPeer({
    content: () => ({ do: "late", ms: 50, answer: { code: 250, lines: ["2.0.0"] } }),
  });
  const peer = await startPeer();
  let claimed: () => void = () => undefined;
  let claims = 0;
  let late = false;
  const world = await startWorld({
    wrap: (store) => ({
      ...store,
      async claim(request) {
        const answer = await store.claim(request);
        if (answer.claims.length > 0) {
          claims += 1;
          claimed();
        }
        return answer;
      },
      async record(records) {
        const before = claims;
        const answer = await store.record(records);
        if (late && records.some(({ outcomes }) => outcomes.some(({ event }) => event === "release"))) {
          late = false;
          // A claim that reaches the store right behind this record is answered with it.
          const again = new Promise<void>((resolve) => (claimed = resolve));
          world.delivery.wake();
          if (claims === before) await again;
        }
        return answer;
      },
    }),
  });
  await world.account("main", silent.port);
  await world.send(...Array.from({ length: 10 }, () => ({})));
  await silent.until(1);
  late = true;
  // Whoever waits is given back.
  await world.accounts.update("main", { port: peer.port });
  await world.until("sent", 10);
  await world.resting();
  expect(silent.received.length + peer.received.length).toBe(10);
});
