import { expect, test } from "vitest";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

const loopback = (port: number) => ({ host: "127.0.0.1", port, security: "none" }) as const;

test("an account whose endpoint is down sends by its next one, and comes back when the first one is there again", async () => {
  const down = await startPeer();
  await down.close();
  const other = await startPeer();
  const world = await startWorld();
  await world.account("main", down.port, { alternates: [loopback(other.port)] });
  const ids = await world.send(...Array.from({ length: 6 }, () => ({})));
  await world.until("sent", 6);
  expect(other.received).toHaveLength(6);
  expect(world.events.filter(({ type }) => type === "deferred" || type === "failover")).toEqual([]);
  const [attempt, ...more] = await world.store.attempts(ids[0]!);
  expect(more).toEqual([]);
  expect(attempt!.peer).toBe(`127.0.0.1:${other.port} (127.0.0.1)`);
  expect(attempt!.transcript.map(({ text }) => text)).toContain(`127.0.0.1:${other.port} is tried next`);
});

test("an endpoint that turns everybody away at the greeting is left for the next one; a refusal of the message is not", async () => {
  const busy = await startPeer({ greet: () => answer(421, "4.3.2 Too busy") });
  const strict = await startPeer({ mail: () => answer(451, "4.3.0 Not now") });
  const other = await startPeer();
  const world = await startWorld();
  await world.account("busy", busy.port, { alternates: [loopback(other.port)] });
  await world.account("strict", strict.port, { alternates: [loopback(other.port)] });
  await world.send({ route: "busy" });
  await world.until("sent");
  await world.send({ route: "strict" });
  await world.until("deferred");
  expect(other.received).toHaveLength(1);
});

test("what may have arrived by one endpoint is not tried by the next", async () => {
  const cut = await startPeer({ content: () => ({ do: "drop" }) });
  const other = await startPeer();
  const world = await startWorld();
  await world.account("main", cut.port, { alternates: [loopback(other.port)] });
  await world.send({ lane: "bulk" });
  await world.until("unknown");
  expect(other.received).toEqual([]);
});
