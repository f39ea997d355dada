// The loop between submissions and messages, with storage and acceptance that fail as they are told.
import { expect, test } from "vitest";
import { AccountError } from "./accounts/error.ts";
import type { RecipientEvent } from "./delivery/events.ts";
import { ManualClock } from "./delivery/testing.ts";
import { PostriderError } from "./error.ts";
import { Intake } from "./intake.ts";
import type { Mail } from "./messages/mail.ts";
import { message } from "./queue/conformance/harness.ts";
import {
  type NewMessage,
  type Refused,
  StoreError,
  type Submissions,
  type Submitted,
} from "./queue/store.ts";

const start = 1_700_000_000_000;
const second = 1_000;
const hour = 3_600_000;

interface Row extends Submitted {
  dueAt: number;
}

/** Submissions in memory; `prepare` and `accept` do what the test says. */
function world({
  prepare,
  accept = () => undefined,
}: {
  readonly prepare?: (mail: Mail) => void;
  readonly accept?: (messages: readonly NewMessage[]) => void;
} = {}) {
  const clock = new ManualClock(start);
  const rows = new Map<string, Row>();
  const stored: string[] = [];
  const refused: Refused[] = [];
  const events: RecipientEvent[] = [];
  let fault: StoreError | null = null;
  const check = () => {
    if (fault !== null) throw fault;
  };
  const submissions: Submissions = {
    async next({ now, limit, leaseMs }) {
      check();
      const due = [...rows.values()].filter(({ dueAt }) => dueAt <= now).slice(0, limit);
      return due.map((row) => {
        rows.set(row.id, { ...row, tries: row.tries + 1, dueAt: now + leaseMs });
        return rows.get(row.id)!;
      });
    },
    async due() {
      check();
      return rows.size === 0 ? null : Math.min(...[...rows.values()].map(({ dueAt }) => dueAt));
    },
    async accept(messages) {
      check();
      accept(messages);
      return messages.map(({ id }) => {
        if (!rows.delete(id)) return null;
        stored.push(id);
        return { status: "accepted", id, suppressed: [] };
      });
    },
    async refuse(one) {
      check();
      if (rows.delete(one.id)) refused.push(one);
      return refused.includes(one);
    },
    async putOff(ids, until) {
      for (const id of ids) rows.get(id)!.dueAt = until;
    },
  };
  const told: string[] = [];
  const intake = new Intake({
    submissions,
    clock,
    emit: (event) => events.push(event),
    acceptance: {
      async prepare(mail, context, promised) {
        prepare?.(mail);
        const { id, now } = promised!;
        return { ...message(1), id, origin: context.origin!, createdAt: now };
      },
      stored: ({ id }) => void told.push(id),
    },
  });
  return {
    clock,
    intake,
    rows,
    stored,
    told,
    refused,
    events,
    submit(id: string, mail: object = {}) {
      const body = JSON.stringify({ to: "ada@example.net", subject: "Hello", text: "Hi", ...mail });
      const submittedAt = clock.now();
      rows.set(id, { id, origin: "sql:app", mail: body, submittedAt, tries: 0, dueAt: submittedAt });
    },
    fail(error: StoreError | null) {
      fault = error;
    },
    /** Until nothing moves but by the clock. */
    async settle() {
      for (let turn = 0; turn < 50; turn++) await new Promise<void>((next) => setImmediate(next));
    },
  };
}

const noAccount = () => {
  throw new AccountError("no-account", "There is no account yet.");
};

test("what was submitted becomes messages, in more than one batch, and delivery hears of each", async () => {
  const { intake, submit, stored, told, settle } = world();
  const ids = Array.from({ length: 70 }, (_, n) => `m${n}`);
  for (const id of ids) submit(id);
  intake.wake();
  await settle();
  await settle();
  await settle();
  expect(stored).toEqual(ids);
  expect(told).toEqual(ids);
});

test.each([
  ["an unknown field", { colour: "red" }, /The field `colour` is not known here/, "message.malformed"],
  ["a field of another kind", { cc: 7 }, /The field `cc`/, "message.malformed"],
  ["two ways", { account: "one", route: "other" }, /exclude each other/, "message.malformed"],
  [
    "a file from elsewhere",
    { attachments: [{ path: "/etc/passwd" }] },
    /fetches nothing/,
    "message.malformed",
  ],
] as const)("%s makes a message that has failed, at once", async (_name, mail, says, cause) => {
  const { intake, submit, stored, refused, events, settle } = world();
  submit("bad", { ...mail, bcc: ["bob@example.net"], tags: [] });
  submit("good");
  intake.wake();
  await settle();
  expect(stored).toEqual(["good"]);
  const [one] = refused;
  expect(one).toMatchObject({
    id: "bad",
    origin: "sql:app",
    lane: "normal",
    recipients: ["ada@example.net", "bob@example.net"],
    createdAt: start,
    verdict: { scope: "message", retry: "permanent", certainty: "not-accepted", cause },
  });
  expect(one!.verdict.message).toMatch(says);
  expect(events).toMatchObject([
    { type: "failed", id: "bad", index: 0, address: "ada@example.net", account: null, verdict: { cause } },
    { type: "failed", id: "bad", index: 1, address: "bob@example.net" },
  ]);
});

test("a sensitive one that is refused keeps neither subject nor text", async () => {
  const { intake, submit, refused, settle } = world();
  submit("secret", { sensitive: true, subject: "Your code is 123456", text: "123456", colour: "red" });
  intake.wake();
  await settle();
  expect(refused).toHaveLength(1);
  expect(JSON.stringify(refused)).not.toContain("123456");
});

test("a route that is not known yet is waited for, some seconds, and then refused as over HTTP", async () => {
  let known = false;
  const { clock, intake, submit, stored, refused, settle } = world({
    prepare: ({ route }) => {
      if (route === "never" || !known) throw new AccountError("unknown-route", `There is no ${route}.`);
    },
  });
  submit("soon", { route: "new" });
  submit("never", { route: "never" });
  intake.wake();
  await settle();
  expect([stored, refused]).toEqual([[], []]);
  known = true;
  clock.advance(second);
  await settle();
  expect([stored, refused]).toEqual([["soon"], []]);
  for (let n = 0; n < 20; n++) {
    clock.advance(second);
    await settle();
  }
  expect(refused).toMatchObject([{ id: "never", verdict: { message: "There is no never." } }]);
});

test("without any account mail waits, and goes when there is one", async () => {
  let prepare: () => void = noAccount;
  const { clock, intake, submit, stored, refused, settle } = world({ prepare: () => prepare() });
  submit("early");
  intake.wake();
  for (let minutes = 0; minutes < 60; minutes++) {
    clock.advance(60 * second);
    await settle();
  }
  expect([stored, refused]).toEqual([[], []]);
  prepare = () => undefined;
  clock.advance(30 * second);
  await settle();
  expect(stored).toEqual(["early"]);
});

test("without any account mail that has expired is told as failed", async () => {
  const { clock, intake, submit, refused, settle } = world({ prepare: noAccount });
  submit("code", { lane: "urgent" });
  submit("dated", { expires_at: new Date(start + 2 * hour).toISOString() });
  intake.wake();
  await settle();
  for (const expected of [["code"], ["code", "dated"]]) {
    for (let minutes = 0; minutes < 61; minutes++) {
      clock.advance(60 * second);
      await settle();
    }
    expect(refused.map(({ id }) => id)).toEqual(expected);
  }
  expect(refused[0]!.verdict.cause).toBe("message.expired");
});

test("one that storage refuses does not keep the others from going, and is told in the end", async () => {
  const { clock, intake, submit, stored, refused, settle } = world({
    accept: (messages) => {
      if (messages.some(({ id }) => id === "poison")) throw new StoreError("io", "it was refused");
    },
  });
  for (const id of ["one", "poison", "other"]) submit(id);
  intake.wake();
  await settle();
  expect([stored, refused]).toEqual([["one", "other"], []]);
  for (let n = 0; n < 60; n++) {
    clock.advance(second);
    await settle();
  }
  expect(refused).toMatchObject([{ id: "poison", verdict: { message: "it was refused" } }]);
});

test("a mistake of ours in composing is tried again, and told in the end", async () => {
  const { clock, intake, submit, refused, settle } = world({
    prepare: () => {
      throw new TypeError("undefined is not a function");
    },
  });
  submit("odd");
  intake.wake();
  await settle();
  expect(refused).toEqual([]);
  for (let n = 0; n < 60; n++) {
    clock.advance(second);
    await settle();
  }
  expect(refused.map(({ id }) => id)).toEqual(["odd"]);
});

test("a message that no account takes is refused as too large", async () => {
  const { clock, intake, submit, refused, settle } = world({
    prepare: () => {
      throw new PostriderError("too-large", "It is too large.");
    },
  });
  submit("large");
  intake.wake();
  for (let n = 0; n < 20; n++) {
    clock.advance(second);
    await settle();
  }
  expect(refused).toMatchObject([{ id: "large", verdict: { cause: "message.too-large-for-limit" } }]);
});

test("storage that is away loses nothing: it is asked again, and what was taken up comes back with its lease", async () => {
  let fault: StoreError | null = new StoreError("unreachable", "it is failing over");
  const { clock, intake, submit, stored, fail, settle } = world({
    accept: () => {
      if (fault !== null) throw fault;
    },
  });
  submit("one");
  intake.wake();
  await settle();
  fail(fault);
  clock.advance(20 * second);
  await settle();
  expect(stored).toEqual([]);
  fault = null;
  fail(null);
  for (let n = 0; n < 3; n++) {
    clock.advance(second);
    await settle();
  }
  expect(stored).toEqual(["one"]);
});

test("who stops lets others have what it has not composed", async () => {
  const { intake, submit, stored, rows, settle, clock } = world({ prepare: () => void stopping() });
  let stopped: Promise<void> | null = null;
  const stopping = () => {
    stopped ??= intake.stop();
  };
  for (const id of ["one", "two", "three"]) submit(id);
  intake.wake();
  await settle();
  await stopped;
  expect(stored).toEqual(["one"]);
  expect([...rows.values()].map(({ id, dueAt }) => [id, dueAt])).toEqual([
    ["two", clock.now()],
    ["three", clock.now()],
  ]);
  intake.wake();
  await settle();
  expect(stored).toEqual(["one"]);
});
