import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFinal, move, type RecipientEvent, type RecipientState, recipientStates } from "./states.ts";

const events: readonly RecipientEvent[] = [
  "due",
  "claim",
  "release",
  "accept",
  "defer",
  "park",
  "lose",
  "bounce",
  "fail",
  "expire",
  "cancel",
  "suppress",
  "retry",
];

/** Every allowed move: `from event to`. What is not here stays where it is. */
const allowed = `
  scheduled due queued
  scheduled claim sending
  scheduled expire expired
  scheduled cancel canceled
  scheduled suppress suppressed
  queued claim sending
  queued park parked
  queued expire expired
  queued cancel canceled
  queued suppress suppressed
  queued retry queued
  sending release queued
  sending accept sent
  sending defer deferred
  sending park parked
  sending lose unknown
  sending bounce bounced
  sending fail failed
  sending expire expired
  sending suppress suppressed
  deferred claim sending
  deferred park parked
  deferred expire expired
  deferred cancel canceled
  deferred suppress suppressed
  deferred retry queued
  parked retry queued
  parked expire expired
  parked cancel canceled
  parked suppress suppressed
  unknown retry queued
  unknown accept sent
  unknown fail failed
  unknown expire expired
  unknown cancel canceled
  bounced retry queued
  failed retry queued
  suppressed retry queued
`
  .trim()
  .split("\n")
  .map((line) => line.trim());

describe("the moves of a recipient", () => {
  test.each(
    recipientStates.flatMap((state) => events.map((event) => [state, event] as const)),
  )("%s on %s", (state, event) => {
    const line = allowed.find((one) => one.startsWith(`${state} ${event} `));
    expect(move(state, event)).toBe(line?.split(" ")[2] ?? null);
  });

  const walk = fc.array(fc.constantFrom(...events), { maxLength: 60 });

  test("nothing but a person's retry leads out of a final state, whatever happens before", () => {
    fc.assert(
      fc.property(fc.constantFrom(...recipientStates), walk, (start, happenings) => {
        let state: RecipientState = start;
        for (const event of happenings) {
          const next = move(state, event);
          if (isFinal(state) && next !== null) expect(event).toBe("retry");
          state = next ?? state;
        }
      }),
    );
  });

  test("what was sent, expired or canceled never goes again", () => {
    for (const state of ["sent", "expired", "canceled"] as const) {
      for (const event of events) expect(move(state, event)).toBeNull();
    }
  });

  test("only a claim leads to sending, so nothing goes without a lease", () => {
    for (const state of recipientStates) {
      for (const event of events) if (move(state, event) === "sending") expect(event).toBe("claim");
    }
  });

  test("a final state is reached from everywhere: nothing is stuck", () => {
    for (const start of recipientStates) {
      const seen = new Set<RecipientState>([start]);
      for (const state of seen) for (const event of events) seen.add(move(state, event) ?? state);
      expect([...seen].some(isFinal)).toBe(true);
    }
  });
});
