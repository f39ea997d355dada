import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Lane, lanes } from "../messages/lanes.ts";
import { Gate } from "./gate.ts";

/** Enters and writes down when it was admitted or sent away. */
function visitor(gate: Gate, log: string[]) {
  return (lane: Lane, name: string = lane) =>
    void gate.enter(lane).then((admitted) => log.push(admitted ? name : `${name} away`));
}
const turns = async () => {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
};

describe("the gate", () => {
  test("lets urgent ones in before all who waited longer", async () => {
    const [gate, log] = [new Gate(1), [] as string[]];
    const enter = visitor(gate, log);
    enter("bulk", "first");
    for (const lane of ["bulk", "normal", "bulk", "urgent"] as const) enter(lane);
    for (let i = 0; i < 4; i += 1) gate.leave();
    await turns();
    expect(log).toEqual(["first", "urgent", "normal", "bulk", "bulk"]);
  });

  test("keeps a place for the urgent lane however much is in the others", async () => {
    const [gate, log] = [new Gate(3), [] as string[]];
    const enter = visitor(gate, log);
    for (let i = 0; i < 10; i += 1) enter("bulk");
    await turns();
    expect(log).toEqual(["bulk", "bulk"]);
    enter("urgent");
    await turns();
    expect(log).toEqual(["bulk", "bulk", "urgent"]);
  });

  test("made smaller, lets nobody in until enough have left; made larger, lets in at once", async () => {
    const [gate, log] = [new Gate(3), [] as string[]];
    const enter = visitor(gate, log);
    for (let i = 0; i < 3; i += 1) enter("urgent");
    gate.resize(1);
    enter("urgent", "later");
    gate.leave();
    gate.leave();
    await turns();
    expect(log).toHaveLength(3);
    gate.leave();
    await turns();
    expect(log.at(-1)).toBe("later");
    enter("bulk", "more");
    gate.resize(5);
    await turns();
    expect(log.at(-1)).toBe("more");
  });

  test("held, lets nobody in; shut, sends all away who wait and all who come", async () => {
    const [gate, log] = [new Gate(2), [] as string[]];
    const enter = visitor(gate, log);
    gate.hold(true);
    enter("urgent");
    await turns();
    expect(log).toEqual([]);
    gate.shut();
    enter("bulk");
    await turns();
    expect(log.sort()).toEqual(["bulk away", "urgent away"]);
  });

  test("never has more inside than its size, and never leaves a place empty that someone waits for", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.oneof(fc.constantFrom(...lanes), fc.constant("leave" as const)), { maxLength: 60 }),
        async (size, steps) => {
          const gate = new Gate(size);
          const inside = { urgent: 0, normal: 0, bulk: 0 };
          const waiting = { urgent: 0, normal: 0, bulk: 0 };
          let total = 0;
          for (const step of steps) {
            if (step === "leave") {
              if (total === 0) continue;
              total -= 1;
              const lane = lanes.find((each) => inside[each] > 0)!;
              inside[lane] -= 1;
              gate.leave();
            } else {
              waiting[step] += 1;
              void gate.enter(step).then(() => {
                waiting[step] -= 1;
                inside[step] += 1;
                total += 1;
              });
            }
            await turns();
            expect(total).toBeLessThanOrEqual(size);
            if (waiting.urgent > 0) expect(total).toBe(size);
            if (waiting.normal + waiting.bulk > 0)
              expect(total).toBeGreaterThanOrEqual(size === 1 ? 1 : size - 1);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
