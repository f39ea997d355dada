import fc from "fast-check";
import { expect, it } from "vitest";
import { Deque } from "./deque.ts";

it("gives what an array would", () => {
  const step = fc.oneof(
    fc.record({ push: fc.nat() }),
    fc.record({ unshift: fc.nat() }),
    fc.constant({ shift: true }),
    fc.record({ rush: fc.integer({ min: 1, max: 40 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const deque = new Deque<number>();
      const array: number[] = [];
      const push = (value: number) => {
        deque.push(value);
        array.push(value);
      };
      for (const one of steps) {
        if ("push" in one) push(one.push);
        else if ("rush" in one) for (let i = 0; i < one.rush; i += 1) push(i);
        else if ("unshift" in one) {
          deque.unshift(one.unshift);
          array.unshift(one.unshift);
        } else expect(deque.shift()).toBe(array.shift());
        expect(deque.length).toBe(array.length);
      }
      while (array.length > 0) expect(deque.shift()).toBe(array.shift());
      expect(deque.shift()).toBeUndefined();
    }),
  );
});
