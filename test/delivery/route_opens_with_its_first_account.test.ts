import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

const hour = 3_600_000;
const bulk = (count: number, route: string) =>
  Array.from({ length: count }, () => ({ lane: "bulk" as const, route, lifetime: 100 * hour }));

test("when the first account has rested, its mail goes, though the second's budget is spent until tomorrow", async () => {
  let busy = true;
  const one = await startPeer({
    mail: () => (busy ? answer(450, "4.7.0 Rate limit exceeded for this account") : null),
  });
  const two = await startPeer();
  const world = await startWorld();
  await world.account("first", one.port);
  await world.account("second", two.port, { limits: { perDay: 5, urgentPercent: 0 } });
  await world.routes.put({ name: "mail", accounts: ["first", "second"], onBudget: "wait" });
  await world.send(...bulk(5, "second"));
  await world.until("sent", 5);
  await world.send(...bulk(3, "mail"));
  const [rests] = await world.until("account-rests");
  await world.until("budget-spent");
  await world.resting();
  busy = false;
  // Nothing new comes: delivery's own timer has to wake it.
  await world.passTo(rests!.until + 1);
  await world.until("sent", 8);
  expect(one.received).toHaveLength(3);
});

test("with weights, what is drawn for an account with a budget goes, though another's is spent", async () => {
  const [one, two] = [await startPeer(), await startPeer()];
  const world = await startWorld();
  await world.account("spent", one.port, { limits: { perDay: 5, urgentPercent: 0 } });
  await world.account("rich", two.port);
  await world.routes.put({ name: "mail", accounts: ["spent", "rich"], weights: [1, 1], onBudget: "wait" });
  await world.send(...bulk(6, "spent"));
  await world.until("budget-spent");
  await world.resting();
  await world.send(...bulk(40, "mail"));
  await world.until("sent", 10);
  await world.resting();
  const waiting = (await world.store.depth()).reduce((sum, { recipients }) => sum + recipients, 0);
  expect(two.received.length).toBeGreaterThan(5);
  expect(two.received.length + waiting).toBe(41);
});
