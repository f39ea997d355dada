// Any sequence of calls: the store does what a model of a few lines does, in which nothing is stored.
import fc from "fast-check";
import { describe, test } from "vitest";
import { lanes } from "../../messages/lanes.ts";
import type { QueueStore } from "../store.ts";
import { Course } from "./course.ts";
import { minute, type Open } from "./harness.ts";

const routes = fc.constantFrom(null, "main", "other");

/** A call on a store, or a change of its circumstances. */
export const call = fc.oneof(
  {
    arbitrary: fc.record({
      call: fc.constant("accept" as const),
      lane: fc.constantFrom(...lanes),
      origin: fc.constantFrom("a", "b"),
      route: routes,
      recipients: fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }),
      sensitive: fc.boolean(),
      wait: fc.constantFrom(0, 0, 2, 9),
      life: fc.constantFrom(1, 5, 30),
    }),
    weight: 5,
  },
  {
    arbitrary: fc.record({ call: fc.constant("pass" as const), minutes: fc.integer({ min: 0, max: 4 }) }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      call: fc.constant("claim" as const),
      limit: fc.integer({ min: 0, max: 4 }),
      filter: fc.record(
        { lanes: fc.subarray([...lanes]), except: fc.uniqueArray(routes) },
        { requiredKeys: [] },
      ),
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      call: fc.constant("record" as const),
      claim: fc.nat({ max: 5 }),
      events: fc.array(
        fc.constantFrom("accept", "defer", "park", "lose", "bounce", "bounce for good", "fail", "release"),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    weight: 5,
  },
  {
    arbitrary: fc.record({
      call: fc.constantFrom("cancel" as const, "retry" as const, "confirm" as const),
      message: fc.nat({ max: 8 }),
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ call: fc.constant("unpark" as const), route: routes }), weight: 1 },
  { arbitrary: fc.record({ call: fc.constant("extend" as const), claim: fc.nat({ max: 5 }) }), weight: 1 },
  {
    arbitrary: fc.record({
      call: fc.constant("suppress" as const),
      recipient: fc.nat({ max: 4 }),
      add: fc.boolean(),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      call: fc.constant("prune" as const),
      content: fc.constantFrom(0, 3, 9),
      message: fc.constantFrom(3, 9, 20),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({ call: fc.constant("clock" as const), back: fc.integer({ min: 1, max: 6 }) }),
    weight: 1,
  },
  { arbitrary: fc.record({ call: fc.constant("reopen" as const) }), weight: 1 },
);

export type Call = typeof call extends fc.Arbitrary<infer One> ? One : never;

/** Makes the call and compares its answer with the model's. */
export async function perform(
  course: Course,
  store: QueueStore,
  one: Exclude<Call, { readonly call: "reopen" }>,
): Promise<void> {
  if (one.call === "accept") await course.accept(store, one);
  else if (one.call === "pass") course.time += one.minutes * minute;
  else if (one.call === "claim") await course.claim(store, one.limit, one.filter);
  else if (one.call === "record") await course.record(store, one.claim, one.events);
  else if (one.call === "extend") await course.extend(store, one.claim);
  else if (one.call === "unpark") await course.unpark(store, one.route);
  else if (one.call === "suppress") await course.list(store, one.recipient, one.add);
  else if (one.call === "prune") await course.prune(store, one.content, one.message);
  else if (one.call === "clock") await course.setBack(store, one.back);
  else await course.steer(store, one.call, one.message);
}

export function modelled(open: Open): void {
  describe("any sequence of calls", () => {
    test("does what the model does", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(call, { minLength: 30, maxLength: 80, size: "max" }), async (calls) => {
          const harness = await open();
          let { store } = harness;
          try {
            const course = new Course();
            for (const one of calls) {
              if (one.call === "reopen") {
                store = await harness.reopen();
                course.forgetTurns();
              } else await perform(course, store, one);
              await course.compare(store);
            }
          } finally {
            await harness.cleanup();
          }
        }),
        { numRuns: 6, endOnFailure: true },
      );
    });
  });
}
