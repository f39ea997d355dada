// A password reset that waits behind a newsletter is a password reset that fails. However much waits, an urgent
// message finds a connection of its own, and never stands behind another's content.
import { expect, it } from "vitest";
import { type PoolOptions, SmtpPool } from "../../src/smtp/client.ts";
import { type Desk, desk } from "./desk.ts";
import { message, settings } from "./server.ts";

function poolOf({ port }: Desk, more: Partial<PoolOptions>): SmtpPool {
  return new SmtpPool({ connect: settings(port), ...more });
}

/** Hands in a message from `name`; whether it was taken. */
async function send(pool: SmtpPool, name: string, urgent = name.startsWith("urgent")): Promise<boolean> {
  const envelope = { from: `${name}@wire.test`, to: [{ address: "to@wire.test" }] };
  const { recipients } = await pool.send(envelope, message, { urgent });
  return recipients.every(({ ok }) => ok);
}

function many(pool: SmtpPool, name: string, count: number): Promise<boolean>[] {
  return Array.from({ length: count }, (_, number) => send(pool, `${name}${number}`));
}

const held = ({ seats }: Desk) => seats.flatMap((seat) => seat.held);

it("others never occupy the reserve, and an urgent message opens it at once", async () => {
  await using server = await desk();
  const pool = poolOf(server, { maxConnections: 4, reserved: 2 });
  const sent = many(pool, "other", 40);
  for (let round = 0; round < 20; round += 1) {
    await server.when(() => held(server).length === 2);
    expect(server.connections).toBe(2);
    server.seats[round % 2]!.answer();
  }
  await server.when(() => held(server).length === 2);
  sent.push(...many(pool, "urgent", 2));
  await server.when(() => held(server).length === 4);
  expect(server.seats.map((seat) => seat.held[0]!.replace(/\d+/, ""))).toEqual([
    "other",
    "other",
    "urgent",
    "urgent",
  ]);
  // What stands idle of the reserve is not taken for others either.
  for (const seat of server.seats.slice(2)) seat.answer();
  server.seats[0]!.answer();
  await server.when(() => held(server).length === 2);
  expect(server.seats[2]!.held).toEqual([]);
  expect(server.seats).toHaveLength(4);
  server.release();
  expect(await Promise.all(sent)).not.toContain(false);
  await pool.close();
});

it("a connection that stands without work serves an urgent message, and no other is opened", async () => {
  await using server = await desk();
  const pool = poolOf(server, { maxConnections: 3, reserved: 1 });
  const first = send(pool, "other");
  await server.when(() => held(server).length === 1);
  server.seats[0]!.answer();
  await first;
  const second = send(pool, "urgent");
  await server.when(() => held(server).length === 1);
  expect(server.seats).toHaveLength(1);
  server.release();
  expect(await second).toBe(true);
  await pool.close();
});

it("an urgent message is not written behind a content, and nothing new goes before it", async () => {
  await using server = await desk();
  const pool = poolOf(server, { maxConnections: 1 });
  const sent = [...many(pool, "other", 4)];
  await server.when(() => held(server).length === 1);
  // The first is under way, the second written behind it; two more wait.
  sent.push(send(pool, "urgent"));
  const { peer } = server.seats[0]!;
  for (const expected of ["other0", "other1", "urgent", "other2", "other3"]) {
    await server.when(() => held(server).length === 1);
    expect(held(server)).toEqual([expected]);
    const heard = peer.heard.split("MAIL FROM").length - 1;
    expect(heard).toBe({ other0: 2, other1: 2, urgent: 3, other2: 5, other3: 5 }[expected]);
    server.seats[0]!.answer();
  }
  expect(await Promise.all(sent)).not.toContain(false);
  await pool.close();
});

it("others have their connections opened one, two, four at a time; an urgent message waits for none of that", async () => {
  const waiting: (() => void)[] = [];
  await using server = await desk(() => new Promise<void>((letIn) => waiting.push(letIn)));
  const pool = poolOf(server, { maxConnections: 20, reserved: 1, pipeline: 1 });
  const sent = many(pool, "other", 30);
  const doors = async (count: number) => {
    await server.when(() => waiting.length === count);
    for (const letIn of waiting.splice(0)) letIn();
  };
  await doors(1);
  await doors(1);
  await server.when(() => waiting.length === 2);
  sent.push(send(pool, "urgent"));
  await server.when(() => waiting.length === 3);
  // The last to knock is the one for the urgent message.
  waiting.pop()!();
  await server.when(() => held(server).includes("urgent"));
  await doors(3);
  await doors(6);
  await doors(8);
  await server.when(() => held(server).length === 20);
  expect(held(server).filter((name) => name.startsWith("other"))).toHaveLength(19);
  server.release();
  expect(await Promise.all(sent)).not.toContain(false);
  await pool.close();
});

it("a connection that is being opened for others counts as theirs", async () => {
  const doors: (() => void)[] = [];
  await using server = await desk(() => new Promise<void>((letIn) => doors.push(letIn)));
  const pool = poolOf(server, { maxConnections: 2, reserved: 1, pipeline: 1 });
  const sent = many(pool, "other", 2);
  await server.when(() => doors.length === 1);
  sent.push(send(pool, "urgent0"));
  await server.when(() => doors.length === 2);
  doors[1]!();
  await server.when(() => held(server)[0] === "urgent0");
  server.seats[0]!.answer();
  await sent[2];
  expect(pool.waiting).toBe(2);
  sent.push(send(pool, "urgent1"));
  await server.when(() => held(server).length === 1);
  expect(held(server)).toEqual(["urgent1"]);
  server.release();
  doors[0]!();
  expect(await Promise.all(sent)).not.toContain(false);
  await pool.close();
});

it("while the server lets no more in, the reserve comes out of what stands", async () => {
  await using server = await desk((peer, count) => {
    if (count <= 2) return;
    peer.say("421 4.7.0 too many connections\r\n");
    peer.socket.destroy();
  });
  const { promise: turnedAway, resolve: onTurnedAway } = Promise.withResolvers<void>();
  let refusals = 0;
  const pool = new SmtpPool({
    connect: settings(server.port, {
      onStep: ({ failure }) => {
        refusals += failure === undefined ? 0 : 1;
        if (refusals === 2) setImmediate(onTurnedAway);
      },
    }),
    maxConnections: 5,
    reserved: 1,
    refusalPauseMs: 60_000,
  });
  const sent = many(pool, "other", 6);
  await turnedAway;
  // Each connection has two of the six; the first is not given a third when it is done.
  for (const name of ["other0", "other1"]) {
    await server.when(() => server.seats[0]!.held[0] === name);
    server.seats[0]!.answer();
  }
  await Promise.all(sent.slice(0, 2));
  expect(pool.waiting).toBe(2);
  sent.push(send(pool, "urgent"));
  await server.when(() => server.seats[0]!.held[0] === "urgent");
  server.release();
  expect(await Promise.all(sent)).not.toContain(false);
  await pool.close();
});

it("a reserve that leaves others nothing is the caller's mistake", () => {
  for (const options of [{ reserved: 5 }, { reserved: -1 }, { maxConnections: 1, reserved: 1 }]) {
    expect(() => new SmtpPool({ connect: settings(25), ...options })).toThrow(RangeError);
  }
});
