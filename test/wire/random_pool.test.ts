// Whatever comes and whatever goes wrong, in whatever order: each message has one outcome, and the true one; the
// server never sees more connections than allowed; others never take the reserve; and no urgent message waits
// while there is a place for it.
import fc from "fast-check";
import { expect, it } from "vitest";
import { SmtpPool } from "../../src/smtp/client.ts";
import type { SendResult } from "../../src/smtp/result.ts";
import { type Desk, desk, type Seat } from "./desk.ts";
import { message, type Peer, settings } from "./server.ts";

type Action =
  | { readonly do: "send"; readonly count: number; readonly urgent: boolean }
  | { readonly do: "answer"; readonly seat: number; readonly code: 250 | 451 | 550 | 421 }
  | { readonly do: "cut"; readonly seat: number; readonly reset: boolean }
  | { readonly do: "hold"; readonly on: boolean }
  | { readonly do: "let in"; readonly door: number }
  | { readonly do: "refuse"; readonly count: number };

const index = fc.nat({ max: 7 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      count: fc.integer({ min: 1, max: 6 }),
      urgent: fc.boolean(),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      seat: index,
      code: fc.constantFrom(250 as const, 250 as const, 451 as const, 550 as const, 421 as const),
    }),
    weight: 8,
  },
  { arbitrary: fc.record({ do: fc.constant("cut" as const), seat: index, reset: fc.boolean() }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant("hold" as const), on: fc.boolean() }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant("let in" as const), door: index }), weight: 2 },
  {
    arbitrary: fc.record({ do: fc.constant("refuse" as const), count: fc.integer({ min: 0, max: 2 }) }),
    weight: 1,
  },
);

const setting = fc
  .record({
    maxConnections: fc.integer({ min: 1, max: 5 }),
    reserved: fc.nat({ max: 4 }),
    pipeline: fc.constantFrom(1 as const, 2 as const),
    maxMessagesPerConnection: fc.constantFrom(1, 2, 3, 100),
    keepAliveMs: fc.constantFrom(null, 3),
    pipelining: fc.boolean(),
  })
  .map((one) => ({ ...one, reserved: Math.min(one.reserved, one.maxConnections - 1) }));

/** How it is brought to its end: everything is answered, or the pool is closed in the midst of it. */
const ending = fc.constantFrom("answered" as const, "closed" as const);

class Run {
  readonly pool: SmtpPool;
  readonly most: number;
  readonly limit: number;
  readonly server: Desk;
  /** By sender: how often the server took the message. */
  readonly accepted = new Map<string, number>();
  readonly results = new Map<string, SendResult>();
  readonly sending: Promise<void>[] = [];
  #sent = 0;

  constructor(server: Desk, options: typeof setting extends fc.Arbitrary<infer T> ? T : never) {
    const { pipelining: _, ...more } = options;
    this.server = server;
    this.most = options.maxConnections;
    this.limit = options.maxConnections - options.reserved;
    this.pool = new SmtpPool({ connect: settings(server.port), refusalPauseMs: 3, idleMs: 5, ...more });
  }

  send(urgent: boolean): void {
    const name = `${urgent ? "urgent" : "other"}${this.#sent++}`;
    const envelope = { from: `${name}@wire.test`, to: [{ address: "to@wire.test" }] };
    const sending = this.pool.send(envelope, message, { urgent }).then((result) => {
      expect(this.results.has(name)).toBe(false);
      this.results.set(name, result);
    });
    this.sending.push(sending);
    this.#names.push(name);
  }
  readonly #names: string[] = [];

  answer(seat: Seat, code: number): void {
    const [name] = seat.held;
    if (name === undefined) return;
    if (code === 250) this.#take(seat);
    seat.answer(`${code} so be it`);
    if (code === 421) seat.peer.socket.end();
  }

  /** The server has the message, and does not get to say so. */
  cut(seat: Seat, reset: boolean): void {
    this.#take(seat);
    if (reset && !seat.peer.socket.writableEnded) seat.peer.socket.resetAndDestroy();
    else seat.peer.socket.destroy();
  }

  #take({ held: [name], peer }: Seat): void {
    // One that was cut off takes nothing more.
    if (name !== undefined && !peer.socket.destroyed)
      this.accepted.set(name, (this.accepted.get(name) ?? 0) + 1);
  }

  /** At every moment. */
  check(): void {
    const { seats, connections } = this.server;
    if (connections > this.most) throw new Error(`${connections} connections, ${this.most} may be`);
    const busy = seats.filter((seat) => seat.busy?.startsWith("other")).length;
    if (busy > this.limit) throw new Error(`${busy} connections are busy with others, ${this.limit} may be`);
  }

  /** As soon as everybody has heard of everything; what keeps it from being so, or null. `doors`: who waits to be let in. */
  unrest(doors: number): string | null {
    const { seats, connections } = this.server;
    const under = new Set(seats.flatMap((seat) => (seat.busy === null ? [] : [seat.busy])));
    const urgent = this.#names.filter(
      (name) => name.startsWith("urgent") && !this.results.has(name) && !under.has(name),
    );
    const others = this.pool.waiting - urgent.length;
    const room = connections < this.most || seats.some(({ busy }) => busy === null);
    if (urgent.length > doors && room) return `${urgent} waits though there is room`;
    const busy = seats.filter((seat) => seat.busy?.startsWith("other")).length;
    if (others > 0 && urgent.length === 0 && room && doors === 0 && busy < this.limit)
      return `${others} others wait though there is room`;
    return null;
  }

  /** What is told must be what was. */
  judge(): void {
    for (const [name, { recipients }] of this.results) {
      const outcome = recipients[0]!;
      const times = this.accepted.get(name) ?? 0;
      if (times > 1) throw new Error(`${name} was taken ${times} times`);
      if (outcome.ok && times !== 1) throw new Error(`${name} is said to be taken`);
      if (!outcome.ok && outcome.failure.facts.certainty === "not-accepted" && times > 0)
        throw new Error(`${name} was taken, and is said not to be`);
    }
    expect(this.results.size).toBe(this.#names.length);
  }
}

async function settled(unrest: () => string | null): Promise<void> {
  const began = performance.now();
  for (let why = unrest(); why !== null; why = unrest()) {
    if (performance.now() - began > 2_000) throw new Error(why);
    await new Promise(setImmediate);
  }
}

it("a pool keeps its promises in any order of events", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(setting, fc.array(action, { maxLength: 40 }), ending, async (options, actions, end) => {
      const doors: (() => void)[] = [];
      let holding = false;
      let refusals = 0;
      const greet = (peer: Peer): Promise<void> | void => {
        if (refusals > 0) {
          refusals -= 1;
          peer.say("421 4.7.0 too many connections\r\n");
          peer.socket.destroySoon();
        } else if (holding) {
          return new Promise((letIn) => {
            doors.push(letIn);
            peer.socket.once("close", letIn);
          });
        }
      };
      await using server = await desk(greet, options.pipelining ? ["PIPELINING"] : []);
      const run = new Run(server, options);
      let broken: unknown = null;
      server.watch(() => {
        try {
          run.check();
        } catch (error) {
          broken = error;
        }
      });
      const waitingDoors = () => doors.length;
      for (const one of actions) {
        const { seats } = server;
        if (one.do === "send") for (let i = 0; i < one.count; i++) run.send(one.urgent);
        else if (one.do === "hold") {
          holding = one.on;
          if (!holding) for (const letIn of doors.splice(0)) letIn();
        } else if (one.do === "let in") doors.splice(one.door % Math.max(1, doors.length), 1)[0]?.();
        else if (one.do === "refuse") refusals = one.count;
        else if (seats.length > 0) {
          const seat = seats[one.seat % seats.length]!;
          if (one.do === "answer") run.answer(seat, one.code);
          else run.cut(seat, one.reset);
        }
        await settled(() => run.unrest(waitingDoors()));
        if (broken !== null) throw broken;
      }
      if (end === "answered") {
        holding = false;
        refusals = 0;
        for (const letIn of doors.splice(0)) letIn();
        let all = false;
        void Promise.all(run.sending).then(() => {
          all = true;
        });
        while (!all) {
          for (const seat of server.seats) run.answer(seat, 250);
          await new Promise(setImmediate);
        }
      }
      await run.pool.close({ graceMs: 5 });
      await Promise.all(run.sending);
      run.judge();
      await settled(() => (server.connections > 0 ? "a connection is left" : null));
      if (broken !== null) throw broken;
      expect(run.pool.connections).toBe(0);
    }),
    { numRuns: 400 },
  );
});
