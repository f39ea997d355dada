import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import type { SendResult } from "../../src/smtp/client.ts";
import { startPeer, startWorld } from "./world.ts";

test("when our own code fails on a message, that message is tried again later, and the others go on", async () => {
  const refused = "bad@example.net";
  const world = await startWorld({
    openPool: () => ({
      connections: 0,
      taken: 0,
      resize: () => undefined,
      close: () => Promise.resolve(),
      send: async ({ to }): Promise<SendResult> => {
        if (to.some(({ address }) => address === refused)) throw new TypeError("a mistake of ours");
        const reply = { code: 250, enhanced: null, lines: ["Taken"] };
        return {
          recipients: to.map(({ address }) => ({ address, ok: true, reply })),
          reply,
          peer: null,
          transcript: [],
        };
      },
    }),
  });
  await world.account("main", 2525);
  const [bad, good] = await world.send({ to: [refused] }, {});
  const [deferred] = await world.until("deferred");
  await world.until("sent");
  expect(deferred).toMatchObject({ id: bad, verdict: { scope: "ours", cause: "unknown.failure" } });
  expect(deferred!.verdict.message).toContain("a mistake of ours");
  expect(await world.states(good!)).toEqual(["sent"]);
});

test("when our own code fails on one recipient's refusal, those who were taken are not sent to again", async () => {
  const peer = await startPeer({
    rcpt: (_, __, address) => (address.startsWith("bad") ? answer(550, "5.1.1 No such user here") : null),
  });
  const world = await startWorld({
    judge: () => {
      throw new TypeError("a mistake of ours");
    },
  });
  await world.account("main", peer.port);
  const [id] = await world.send({ to: ["ann@example.net", "bad@example.net"] });
  const [deferred] = await world.until("deferred");
  await world.resting();
  expect(await world.states(id!)).toEqual(["sent", "deferred"]);
  expect(deferred!.verdict).toMatchObject({ cause: "unknown.failure", reply: { code: 550 } });
});
