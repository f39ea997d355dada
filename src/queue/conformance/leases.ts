// Leases: what a dead worker held is claimed again, and what a slow one says too late changes nothing.
import { describe, expect, test } from "vitest";
import {
  attempt,
  begin,
  claimAll,
  claimOne,
  end,
  id,
  message,
  minute,
  now,
  type Open,
  states,
  stored,
} from "./harness.ts";

export function leases(open: Open): void {
  describe("a lease", () => {
    test("that ran out gives the message to the next who claims", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      const first = await claimOne(store, { leaseMs: minute });
      expect(await claimAll(store, { now: now + minute - 1, owner: "two" })).toEqual([]);
      const second = await claimOne(store, { now: now + minute, owner: "two" });
      expect(second.id).toBe(first.id);
      expect(second.lease).not.toBe(first.lease);
      expect(second.recipients[0]!.attempts).toBe(0);
    });

    test("survives a restart, and ends on time", async () => {
      const { store, reopen } = await begin(open);
      await store.accept([message(1)]);
      const before = await claimOne(store);
      const again = await reopen();
      expect(await claimAll(again)).toEqual([]);
      const after = await claimOne(again, { now: now + minute });
      expect(after.lease).not.toBe(before.lease);
    });

    test("that was lost makes a record change nothing, and say so", async () => {
      const { store } = await begin(open);
      await store.accept([message(1), message(2)]);
      const [lost, kept] = await claimAll(store);
      await store.extend([{ id: kept!.id, lease: kept!.lease }], now + 60 * minute);
      const taken = await claimOne(store, { now: now + minute, owner: "two" });
      expect(
        await store.record([
          attempt(lost!, [{ index: 0, event: "accept" }]),
          attempt(kept!, [{ index: 0, event: "accept" }]),
        ]),
      ).toEqual([
        { messageId: id(1), applied: false },
        { messageId: id(2), applied: true },
      ]);
      expect(await states(store, 1)).toEqual(["sending"]);
      expect(await store.attempts(id(1))).toEqual([]);
      await end(store, taken, "accept");
      expect(await states(store, 1)).toEqual(["sent"]);
    });

    test("that ran out and that nobody took since still counts: what was sent is not sent again", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      const late = await claimOne(store, { leaseMs: 1 });
      expect(await store.record([attempt(late, [{ index: 0, event: "accept" }])])).toEqual([
        { messageId: id(1), applied: true },
      ]);
      expect(await claimAll(store, { now: now + minute })).toEqual([]);
    });

    test("is spent with the record that ends it", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      const claim = await claimOne(store);
      await end(store, claim, "bounce");
      expect(await store.record([attempt(claim, [{ index: 0, event: "accept" }])])).toEqual([
        { messageId: id(1), applied: false },
      ]);
      expect(await states(store, 1)).toEqual(["bounced"]);
    });

    test("can be extended by its holder and by no one else", async () => {
      const { store } = await begin(open);
      await store.accept([message(1), message(2)]);
      const [one, two] = await claimAll(store);
      await store.extend(
        [
          { id: one!.id, lease: one!.lease },
          { id: two!.id, lease: "another" },
          { id: id(9), lease: "none" },
        ],
        now + 10 * minute,
      );
      expect((await claimAll(store, { now: now + minute })).map((c) => c.id)).toEqual([id(2)]);
      expect((await claimAll(store, { now: now + 10 * minute })).map((c) => c.id)).toContain(id(1));
    });

    test("that was lost after part of the recipients were served leaves those alone", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { recipients: ["a@example.net", "b@example.net"] })]);
      const first = await claimOne(store);
      await store.record([attempt(first, [{ index: 0, event: "accept" }])]);
      const second = await claimOne(store, { now: now + minute });
      expect(second.recipients.map((r) => r.address)).toEqual(["b@example.net"]);
      expect((await stored(store, 1)).recipients.map((r) => r.state)).toEqual(["sent", "sending"]);
    });

    test("does not save a message from its expiry", async () => {
      const { store } = await begin(open);
      await store.accept([message(1, { expiresAt: now + minute })]);
      await claimOne(store, { leaseMs: 2 * minute });
      expect(await claimAll(store, { now: now + 2 * minute })).toEqual([]);
      expect(await states(store, 1)).toEqual(["expired"]);
    });

    test("of a record for a message nobody knows is not held", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      const claim = await claimOne(store);
      expect(await store.record([attempt({ ...claim, id: id(7) }, [{ index: 0, event: "accept" }])])).toEqual(
        [{ messageId: id(7), applied: false }],
      );
    });
  });
}
