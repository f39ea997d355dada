import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

test("a server that is down hands its mail to the route's next account, and each time it is told", async () => {
  const down = await startPeer();
  await down.close();
  const up = await startPeer();
  const world = await startWorld();
  await world.account("first", down.port);
  await world.account("second", up.port);
  await world.routes.put({ name: "mail", accounts: ["first", "second"] });
  const ids = await world.send(...Array.from({ length: 5 }, () => ({ route: "mail" })));
  await world.until("sent", 5);
  const told = await world.until("failover", 5);
  expect(new Set(told.map(({ id }) => id))).toEqual(new Set(ids));
  expect(
    told.every(
      ({ from, to, verdict }) => from === "first" && to === "second" && verdict.scope === "endpoint",
    ),
  ).toBe(true);
  const [failed, sent] = await world.store.attempts(ids[0]!);
  expect([failed!.account, sent!.account]).toEqual(["first", "second"]);
  expect(failed!.outcomes).toEqual([]);
  expect(failed!.transcript.at(-1)!.text).toContain("next account");
});

test("only the recipients that were not served go on", async () => {
  const strict = await startPeer({
    rcpt: (_, __, address) =>
      address.startsWith("far") ? answer(450, "4.7.0 Rate limit exceeded for this account") : null,
  });
  const other = await startPeer();
  const world = await startWorld();
  await world.account("first", strict.port);
  await world.account("second", other.port);
  await world.routes.put({ name: "mail", accounts: ["first", "second"] });
  await world.send({ route: "mail", to: ["near@example.net", "far@example.net"] });
  await world.until("sent", 2);
  expect(strict.received.map(({ to }) => to)).toEqual([["near@example.net"]]);
  expect(other.received.map(({ to }) => to)).toEqual([["far@example.net"]]);
});

test("when every account of the route is at fault, the message parks; when one only rests, it waits for that one", async () => {
  const refuse = () => answer(535, "5.7.8 Authentication failed");
  const [one, two] = [
    await startPeer({ signIn: refuse }),
    await startPeer({ mail: () => answer(421, "4.3.2 Busy") }),
  ];
  const world = await startWorld();
  const login = [{ username: "ann@example.com" }, { kind: "password", password: "p" }] as const;
  await world.account("first", one.port, ...login);
  await world.account("second", two.port);
  await world.account("third", one.port, ...login);
  await world.routes.put({ name: "both", accounts: ["first", "second"] });
  await world.routes.put({ name: "faulty", accounts: ["first", "third"] });
  const [waits, parks] = await world.send({ route: "both" }, { route: "faulty" });
  await world.until("deferred");
  await world.until("parked");
  expect(await world.states(waits!)).toEqual(["deferred"]);
  expect(await world.states(parks!)).toEqual(["parked"]);
});
