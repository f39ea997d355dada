import fc from "fast-check";
import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("origins take turns, each in its own order", () => {
  const turns = new Turns<string>();
  for (const name of ["a1", "a2", "a3", "b1", "b2", "c1"]) turns.push(name[0]!, name);
  expect(turns.peek()).toBe("a1");
  expect(turns.drain()).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
  expect(turns.shift()).toBeUndefined();
});

test("whoever comes later is not behind all that another has queued", () => {
  const turns = new Turns<string>();
  for (let i = 0; i < 1000; i += 1) turns.push("bulk run", `r${i}`);
  turns.push("shop", "order");
  expect([turns.shift(), turns.shift()]).toEqual(["r0", "order"]);
});

test("nobody is lost, none comes twice, and no origin comes twice while another waits that came before", () => {
  const step = fc.oneof(fc.constantFrom("a", "b", "c"), fc.constant("shift" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const turns = new Turns<string>();
      const waiting: Record<string, string[]> = { a: [], b: [], c: [] };
      /** How often each origin came since another began to wait. */
      const passedOver: Record<string, Record<string, number>> = { a: {}, b: {}, c: {} };
      let made = 0;
      for (const each of steps) {
        if (each !== "shift") {
          const name = `${each}${++made}`;
          waiting[each]!.push(name);
          turns.push(each, name);
        } else {
          const got = turns.shift();
          const size = Object.values(waiting).flat().length;
          if (got === undefined) expect(size).toBe(0);
          else {
            const origin = got[0]!;
            expect(waiting[origin]!.shift()).toBe(got);
            passedOver[origin] = {};
            for (const other of ["a", "b", "c"]) {
              if (other === origin || waiting[other]!.length === 0) continue;
              passedOver[other]![origin] = (passedOver[other]![origin] ?? 0) + 1;
              expect(passedOver[other]![origin]).toBeLessThanOrEqual(1);
            }
          }
        }
        expect(turns.size).toBe(Object.values(waiting).flat().length);
      }
    }),
  );
});
