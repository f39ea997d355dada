import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

const right = "right-password";

async function setUp() {
  const peer = await startPeer({
    mail: (facts) => (facts.username === null ? answer(530, "5.7.0 Authentication required") : null),
    signIn: (_, { proof }) =>
      proof.kind === "password" && proof.password === right
        ? null
        : answer(535, "5.7.8 Authentication failed"),
  });
  const world = await startWorld();
  const login = { username: "ann@example.com", provider: null };
  await world.account("main", peer.port, login, { kind: "password", password: "wrong-password" });
  return { peer, world };
}

test("a wrong password parks all mail after one sign-in, fails none, and is told once", async () => {
  const { peer, world } = await setUp();
  const ids = await world.send(...Array.from({ length: 30 }, () => ({})));
  await world.until("parked", 30);
  expect(peer.counts.signInFailures).toBe(1);
  const [told, ...again] = await world.until("account-parked");
  expect(told).toMatchObject({
    account: "main",
    verdict: { scope: "account", cause: "auth.bad-credentials" },
  });
  expect(again).toEqual([]);
  expect(world.accounts.get("main").parked?.verdict.cause).toBe("auth.bad-credentials");
  for (const id of ids) expect(await world.states(id)).toEqual(["parked"]);

  const later = await world.send({ lane: "urgent" });
  await world.until("parked", 31);
  expect(await world.states(later[0]!)).toEqual(["parked"]);
  expect(peer.counts.signInFailures).toBe(1);
});

test("the dialogue that found the fault is kept, without the password", async () => {
  const { world } = await setUp();
  const [id] = await world.send({});
  await world.until("parked");
  const [attempt] = await world.store.attempts(id!);
  const shown = JSON.stringify(attempt);
  expect(shown).toContain("535");
  expect(shown).not.toContain("wrong-password");
  expect(shown).not.toContain(Buffer.from("\0ann@example.com\0wrong-password").toString("base64"));
});

test("the right password lets all of it go in one step", async () => {
  const { peer, world } = await setUp();
  await world.send(...Array.from({ length: 30 }, () => ({})));
  await world.until("parked", 30);
  await world.accounts.update("main", {}, { kind: "password", password: right });
  await world.until("sent", 30);
  expect(await world.until("account-resumed")).toMatchObject([{ account: "main", released: 30 }]);
  expect(new Set(peer.received.map(({ messageId }) => messageId)).size).toBe(30);
});

test("resumed without being mended, it parks again after one more sign-in", async () => {
  const { peer, world } = await setUp();
  await world.send(...Array.from({ length: 10 }, () => ({})));
  await world.until("parked", 10);
  expect(await world.delivery.resumeAccount("main")).toBe(10);
  await world.until("parked", 20);
  expect(peer.counts.signInFailures).toBe(2);
  expect(await world.until("account-parked", 2)).toHaveLength(2);
});

test("while an account is parked its mail goes through the route's next, and that is told", async () => {
  const { world } = await setUp();
  const second = await startPeer();
  await world.account("second", second.port);
  await world.routes.put({ name: "both", accounts: ["main", "second"] });
  const ids = await world.send({ route: "both" }, { route: "both" });
  await world.until("sent", 2);
  expect(second.received).toHaveLength(2);
  expect(await world.until("failover", 2)).toMatchObject([
    {
      id: expect.toBeOneOf([...ids]),
      from: "main",
      to: "second",
      verdict: { cause: "auth.bad-credentials" },
    },
    { from: "main", to: "second" },
  ]);
});
