import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Lane, lanes } from "../messages/lanes.ts";
import { Gate, type GateSize } from "./gate.ts";

/** A budget with so many tokens; the last `kept` are for urgent mail. */
class Tokens {
  left: number;
  readonly #kept: number;

  constructor(left = Number.POSITIVE_INFINITY, kept = 0) {
    this.left = left;
    this.#kept = kept;
  }

  take(urgent: boolean, cost: number): number | null {
    if (this.left - cost < (urgent ? 0 : this.#kept)) return null;
    this.left -= cost;
    return 1;
  }
}

const five: GateSize = { connections: 5, reserved: 1, depth: 2 };

function open(size: GateSize = five, tokens = new Tokens()) {
  const gate = new Gate(size, tokens);
  gate.single = false;
  const log: string[] = [];
  /** Enters and writes down when it was admitted or sent away. */
  const enter = (lane: Lane, name: string = lane, origin = "one", cost = 1) =>
    void gate.enter({ lane, origin, cost }).then((admission) => {
      log.push(typeof admission === "string" ? `${name} ${admission}` : name);
    });
  return { gate, log, enter, tokens };
}

const turns = async () => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
};

describe("the gate", () => {
  test("lets one in at a time until the way is known to work, urgent ones before all who waited longer", async () => {
    const { gate, log, enter } = open();
    gate.single = true;
    enter("bulk", "first");
    for (const lane of ["bulk", "normal", "bulk", "urgent"] as const) enter(lane);
    await turns();
    expect(log).toEqual(["first"]);
    for (const lane of ["bulk", "urgent", "normal", "bulk"] as const) gate.leave(lane);
    await turns();
    expect(log).toEqual(["first", "urgent", "normal", "bulk", "bulk"]);
  });

  test("keeps a connection for the urgent lane however much is in the others", async () => {
    const { log, enter } = open({ connections: 3, reserved: 1, depth: 2 });
    for (let i = 0; i < 10; i += 1) enter("bulk");
    await turns();
    expect(log).toEqual(Array.from({ length: 4 }, () => "bulk"));
    enter("urgent");
    await turns();
    expect(log.at(-1)).toBe("urgent");
  });

  test("with one connection there is one place, and urgent mail is next", async () => {
    const { gate, log, enter } = open({ connections: 1, reserved: 0, depth: 1 });
    for (const lane of ["bulk", "bulk", "urgent"] as const) enter(lane);
    await turns();
    expect(log).toEqual(["bulk"]);
    gate.leave("bulk");
    await turns();
    expect(log).toEqual(["bulk", "urgent"]);
  });

  test("origins of one lane take turns", async () => {
    const { gate, log, enter } = open({ connections: 1, reserved: 0, depth: 1 });
    for (let i = 0; i < 3; i += 1) enter("bulk", `run${i}`, "newsletter");
    enter("bulk", "notice", "shop");
    for (let i = 0; i < 3; i += 1) gate.leave("bulk");
    await turns();
    expect(log).toEqual(["run0", "run1", "notice", "run2"]);
  });

  test("nobody goes without budget, and a cheaper one behind does not spend what another waits for", async () => {
    const { gate, log, enter, tokens } = open(five, new Tokens(4));
    enter("normal", "dear", "one", 5);
    enter("normal", "cheap", "one", 1);
    enter("bulk");
    await turns();
    expect(log).toEqual([]);
    tokens.left = 6;
    gate.admit();
    await turns();
    expect(log).toEqual(["dear", "cheap"]);
    expect(tokens.left).toBe(0);
  });

  test("what the budget keeps for urgent mail is there for it", async () => {
    const { log, enter } = open(five, new Tokens(3, 2));
    for (let i = 0; i < 3; i += 1) enter("bulk");
    await turns();
    expect(log).toEqual(["bulk"]);
    enter("urgent");
    await turns();
    expect(log).toEqual(["bulk", "urgent"]);
  });

  test("turned away when the budget has nothing for a while: all but the urgent ones, or all", async () => {
    const { gate, log, enter } = open(five, new Tokens(0));
    for (const lane of lanes) enter(lane);
    gate.turnAway("others");
    await turns();
    expect(log).toEqual(["normal away", "bulk away"]);
    gate.turnAway("all");
    await turns();
    expect(log.at(-1)).toBe("urgent away");
  });

  test("held, lets nobody in; shut, sends all away who wait and all who come", async () => {
    const { gate, log, enter } = open();
    gate.hold(true);
    enter("urgent");
    await turns();
    expect(log).toEqual([]);
    gate.shut();
    enter("bulk");
    await turns();
    expect(log.sort()).toEqual(["bulk shut", "urgent shut"]);
  });

  test("never has more inside than there is room for, and never leaves room that someone waits for", async () => {
    const sizes = fc
      .record({
        connections: fc.integer({ min: 1, max: 6 }),
        reserved: fc.nat(5),
        depth: fc.constantFrom(1, 2),
      })
      .map(({ connections, reserved, depth }) => ({
        connections,
        reserved: Math.min(reserved, connections - 1),
        depth,
      }));
    const steps = fc.array(fc.oneof(fc.constantFrom(...lanes), fc.constantFrom("leave", "single", "wide")), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(sizes, steps, async (size, moves) => {
        const { gate } = open(size);
        let single = false;
        const inside = { urgent: 0, normal: 0, bulk: 0 };
        const waiting = { urgent: 0, normal: 0, bulk: 0 };
        for (const move of moves) {
          let joined = 0;
          const before = inside.urgent + inside.normal + inside.bulk;
          if (move === "leave") {
            const lane = lanes.find((each) => inside[each] > 0);
            if (lane === undefined) continue;
            inside[lane] -= 1;
            gate.leave(lane);
          } else if (move === "single" || move === "wide") {
            single = move === "single";
            gate.single = single;
          } else {
            waiting[move] += 1;
            void gate.enter({ lane: move, origin: "one", cost: 1 }).then(() => {
              waiting[move] -= 1;
              inside[move] += 1;
              joined += 1;
            });
          }
          await turns();
          const others = inside.normal + inside.bulk;
          const total = inside.urgent + others;
          if (single || size.connections === 1) {
            if (joined > 0) expect(total).toBe(1);
            if (waiting.urgent + waiting.normal + waiting.bulk > 0) expect(total).toBeGreaterThan(0);
            if (joined > 0) expect(before).toBeLessThanOrEqual(1);
            continue;
          }
          const room = (size.connections - size.reserved) * size.depth;
          expect(inside.urgent).toBeLessThanOrEqual(size.connections);
          expect(others).toBeLessThanOrEqual(room);
          if (waiting.urgent > 0) expect(inside.urgent).toBe(size.connections);
          if (waiting.normal + waiting.bulk > 0) expect(others).toBe(room);
        }
      }),
      { numRuns: 100 },
    );
  });
});
