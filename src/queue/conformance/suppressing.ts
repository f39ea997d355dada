// The suppression list: who stands on it is sent nothing, whenever the entry came.
import { describe, expect, test } from "vitest";
import type { Suppression } from "../store.ts";
import {
  attempt,
  begin,
  claimAll,
  claimed,
  claimOne,
  end,
  id,
  message,
  minute,
  next,
  now,
  type Open,
  states,
  stored,
  verdict,
} from "./harness.ts";

const entry = (address: string, given: Partial<Suppression> = {}): Suppression => ({
  address,
  reason: "manual",
  detail: "asked by telephone",
  messageId: null,
  at: now,
  ...given,
});

export function suppressing(open: Open): void {
  describe("the suppression list", () => {
    test("is put, replaced, read and deleted, in lower case", async () => {
      const { store, reopen } = await begin(open);
      await store.suppressions.put(entry("Ada@Example.NET"));
      expect(await store.suppressions.get("ADA@example.net")).toEqual(entry("ada@example.net"));
      const complaint = { reason: "complaint", detail: "", messageId: id(7), at: now + 1 } as const;
      await store.suppressions.put(entry("ada@example.net", complaint));
      const { suppressions } = await reopen();
      expect(await suppressions.get("ada@example.net")).toEqual(entry("ada@example.net", complaint));
      expect(await suppressions.get("bob@example.net")).toBeNull();
      expect(await suppressions.delete("aDa@example.net")).toBe(true);
      expect(await suppressions.delete("ada@example.net")).toBe(false);
      expect(await suppressions.get("ada@example.net")).toBeNull();
    });

    test("is listed in order of address, a page at a time", async () => {
      const { store } = await begin(open);
      expect(await store.suppressions.list({ limit: 10 })).toEqual({ entries: [], more: false });
      for (const name of ["d", "b", "a", "c"]) await store.suppressions.put(entry(`${name}@example.net`));
      const page = async (limit: number, after?: string) => {
        const request = after === undefined ? { limit } : { limit, after };
        const { entries, more } = await store.suppressions.list(request);
        return [entries.map(({ address }) => address[0]).join(""), more];
      };
      expect(await page(3)).toEqual(["abc", true]);
      expect(await page(4)).toEqual(["abcd", false]);
      expect(await page(2, "B@example.net")).toEqual(["cd", false]);
      expect(await page(1, "bb@example.net")).toEqual(["c", true]);
      expect(await page(2, "d@example.net")).toEqual(["", false]);
    });

    test("keeps a recipient from being sent to, and says so at acceptance", async () => {
      const { store } = await begin(open);
      await store.suppressions.put(entry("bob@example.net"));
      const recipients = ["ada@example.net", "Bob@Example.net", "cy@example.net"];
      expect(await store.accept([message(1, { recipients })])).toEqual([
        { status: "accepted", id: id(1), suppressed: ["Bob@Example.net"] },
      ]);
      expect(await states(store, 1)).toEqual(["queued", "suppressed", "queued"]);
      expect((await claimOne(store)).recipients.map(({ index }) => index)).toEqual([0, 2]);
    });

    test("ends a message all of whose recipients stand on it at once", async () => {
      const { store } = await begin(open);
      await store.suppressions.put(entry("ada@example.net"));
      await store.accept([
        message(1),
        message(2, { sensitive: true, notBefore: now + minute }),
        message(3, { recipients: ["bob@example.net"] }),
      ]);
      expect([await states(store, 1), await states(store, 2)]).toEqual([["suppressed"], ["suppressed"]]);
      expect((await stored(store, 1)).recipients[0]).toMatchObject({ dueAt: null, changedAt: now });
      expect(await store.content(id(1))).not.toBeNull();
      expect(await store.content(id(2))).toBeNull();
      expect(await store.depth()).toMatchObject([{ state: "queued", recipients: 1 }]);
      expect((await claimAll(store)).map((c) => c.id)).toEqual([id(3)]);
    });

    test("suppresses what waits when an entry comes, by the claim that meets it, told once", async () => {
      const { store } = await begin(open);
      const recipients = ["ada@example.net", "bob@example.net"];
      await store.accept([message(1), message(2, { recipients }), message(3, { notBefore: now + minute })]);
      await store.suppressions.put(entry("ada@example.net"));
      const first = await claimed(store);
      expect(first.claims.map((c) => [c.id, c.recipients.map((r) => r.index)])).toEqual([[id(2), [1]]]);
      const ada = { index: 0, address: "ada@example.net" };
      expect(first.suppressed).toEqual([
        { id: id(1), lane: "normal", recipients: [ada] },
        { id: id(2), lane: "normal", recipients: [ada] },
      ]);
      expect((await stored(store, 1)).recipients[0]).toMatchObject({ state: "suppressed", dueAt: null });
      expect(await states(store, 2)).toEqual(["suppressed", "sending"]);
      expect(await states(store, 3)).toEqual(["scheduled"]);
      const later = await claimed(store, { now: now + minute });
      expect(later.suppressed.map((one) => one.id)).toEqual([id(3)]);
      expect(await next(store, { now: now + 2 * minute })).toBe(now + 2 * minute);
    });

    test("does not hide what may go behind any number of suppressed messages", async () => {
      const { store } = await begin(open);
      await store.accept(Array.from({ length: 60 }, (_, n) => message(n + 1)));
      await store.accept([message(99, { recipients: ["bob@example.net"] })]);
      await store.suppressions.put(entry("ada@example.net"));
      expect((await claimAll(store, { limit: 1 })).map((c) => c.id)).toEqual([id(99)]);
    });

    test("lets an address be sent to again that was taken off it", async () => {
      const { store } = await begin(open);
      await store.suppressions.put(entry("ada@example.net"));
      await store.accept([message(1)]);
      expect(await store.retry(id(1), now)).toBe(1);
      expect((await claimed(store)).suppressed.map((one) => one.id)).toEqual([id(1)]);
      await store.suppressions.delete("ada@example.net");
      expect(await store.retry(id(1), now)).toBe(1);
      expect((await claimOne(store)).id).toBe(id(1));
      expect(await store.accept([message(2)])).toMatchObject([{ suppressed: [] }]);
    });
  });

  describe("a bounce", () => {
    const bounce = { index: 0, event: "bounce", verdict } as const;

    test("puts the address onto the list when it says so", async () => {
      const { store, reopen } = await begin(open);
      const recipients = ["Ada@example.net", "bob@example.net"];
      await store.accept([message(1, { recipients }), message(2)]);
      const [claim] = await claimAll(store, { limit: 1 });
      await store.record([
        attempt(claim!, [
          { ...bounce, suppress: true },
          { ...bounce, index: 1 },
        ]),
      ]);
      const again = await reopen();
      expect(await again.suppressions.list({ limit: 9 })).toEqual({
        entries: [
          {
            address: "ada@example.net",
            reason: "hard-bounce",
            detail: "550 5.1.1 no such user",
            messageId: id(1),
            at: now + 2000,
          },
        ],
        more: false,
      });
      expect((await claimed(again)).suppressed.map((one) => one.id)).toEqual([id(2)]);
    });

    test("does not when it is under a lost lease, or of a recipient that is done", async () => {
      const { store } = await begin(open);
      await store.accept([message(1), message(2)]);
      const [one, two] = await claimAll(store);
      await store.record([attempt({ ...one!, lease: "lost" }, [{ ...bounce, suppress: true }])]);
      await end(store, two!, "accept");
      await store.record([attempt(two!, [{ ...bounce, suppress: true }])]);
      expect(await store.suppressions.get("ada@example.net")).toBeNull();
    });

    test("leaves what a person noted about the address", async () => {
      const { store } = await begin(open);
      await store.accept([message(1)]);
      const claim = await claimOne(store);
      await store.suppressions.put(entry("ada@example.net"));
      await store.record([attempt(claim, [{ ...bounce, verdict: null, suppress: true }])]);
      expect(await store.suppressions.get("ada@example.net")).toEqual(entry("ada@example.net"));
    });
  });
}
