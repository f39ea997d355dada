import { expect, test } from "vitest";
import { memoryDocuments } from "../accounts/testing.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { Documents } from "../queue/store.ts";
import { type Condition, Conditions, endpointCondition, type Setback } from "./conditions.ts";

const verdict: Verdict = {
  stage: "connect",
  scope: "endpoint",
  certainty: "not-accepted",
  retry: "transient",
  cause: "unknown.failure",
  reply: null,
  code: "ECONNREFUSED",
  message: "refused",
  waitMs: null,
};
const key = "smtp.example.com:465";
const name = endpointCondition(key);
const setback = (more: Partial<Setback> = {}): Setback => ({
  failures: 2,
  failedAt: 1_000,
  until: 2_000,
  verdict,
  ...more,
});

function setUp(documents: Documents = memoryDocuments()) {
  const time = { now: 1_000 };
  const node = (owner: string) => {
    const heard: (Condition | null)[] = [];
    const conditions = new Conditions({
      documents,
      owner,
      now: () => time.now,
      onChange: (_, condition) => heard.push(condition),
    });
    return { conditions, heard };
  };
  const stored = async () =>
    (await documents.list("condition")).map(({ body }) => JSON.parse(body) as Condition);
  return { time, node, stored, documents };
}

test("what two nodes find out at once becomes one: the longer rest, and the more failures", async () => {
  const { node, stored } = setUp();
  const [one, other] = [node("one"), node("other")];
  one.conditions.began(name, key, setback({ failures: 3, until: 5_000 }));
  other.conditions.began(name, key, setback({ failedAt: 1_100 }));
  await Promise.all([one.conditions.settled(), other.conditions.settled()]);
  const both = { failures: 3, failedAt: 1_100, until: 5_000 };
  expect(await stored()).toMatchObject([both]);
  one.conditions.changed([{ kind: "condition", name }]);
  other.conditions.changed(null);
  await new Promise(setImmediate);
  expect(one.conditions.find(name)).toMatchObject(both);
  expect(other.conditions.find(name)).toMatchObject(both);
  expect(other.heard.at(-1)).toMatchObject(both);
});

test("the last word of a node counts, and a message that passes writes nothing when there was nothing", async () => {
  let writes = 0;
  const kept = memoryDocuments();
  const counted: Documents = {
    ...kept,
    delete: (...given) => {
      writes += 1;
      return kept.delete(...given);
    },
  };
  const { node, stored } = setUp(counted);
  const { conditions, heard } = node("one");
  conditions.passed(name);
  await conditions.settled();
  expect(writes).toBe(0);
  conditions.began(name, key, setback());
  conditions.began(name, key, setback({ until: 9_000 }));
  conditions.passed(name);
  expect(conditions.find(name)).toBeNull();
  await conditions.settled();
  expect(await stored()).toEqual([]);
  conditions.passed(name);
  await conditions.settled();
  expect(writes).toBe(1);
  expect(heard).toEqual([]);
});

test("of many nodes one may ask, again when its time is over, and nobody before the rest is", async () => {
  const { time, node } = setUp();
  const nodes = Array.from({ length: 5 }, (_, n) => node(`node ${n}`).conditions);
  const allowed = async () =>
    (await Promise.all(nodes.map((each) => each.mayAsk(name)))).filter((may) => may).length;
  expect(await allowed()).toBe(5);
  nodes[0]!.began(name, key, setback());
  await nodes[0]!.settled();
  expect(await allowed()).toBe(0);
  time.now = 2_000;
  expect(await allowed()).toBe(1);
  time.now += 29_000;
  // Who asked may ask again: it learned nothing.
  expect(await allowed()).toBe(1);
  time.now += 31_000;
  expect(await allowed()).toBe(1);
});

test("what is a day past its end is forgotten at the next start", async () => {
  const { time, node, stored } = setUp();
  const before = node("before").conditions;
  before.began(name, key, setback());
  await before.settled();
  const { conditions, heard } = node("next");
  time.now = 2_000 + 24 * 60 * 60_000 - 1;
  await conditions.load();
  expect(conditions.find(name)).toMatchObject({ key, until: 2_000 });
  time.now += 1;
  await conditions.load();
  expect(heard).toMatchObject([{ key }, null]);
  expect(await stored()).toEqual([]);
});
