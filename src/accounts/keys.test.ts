import { expect, test } from "vitest";
import { KeyRing } from "./keys.ts";
import { memoryDocuments } from "./testing.ts";

const shape = /^pr_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/;

function ring(start = 1_000_000) {
  const documents = memoryDocuments();
  const clock = { now: start };
  return { documents, clock, keys: new KeyRing(documents, () => clock.now) };
}

test("a key is good as it was made, and no other way", async () => {
  const { keys } = ring();
  const { key, entry } = await keys.create("app", "sending");
  expect(key).toMatch(shape);
  expect(entry).toEqual({
    id: key.slice(3, 15),
    name: "app",
    permission: "sending",
    createdAt: 1_000_000,
    revokedAt: null,
  });
  expect(await keys.verify(key)).toEqual(entry);
  const last = key.at(-1) === "A" ? "B" : "A";
  for (const wrong of [
    "",
    key.slice(0, -1),
    `${key.slice(0, -1)}${last}`,
    `${key}A`,
    ` ${key}`,
    key.toUpperCase(),
    key.replace("pr_", "re_"),
    `pr_${"0".repeat(12)}_${key.slice(16)}`,
  ])
    expect([wrong, await keys.verify(wrong)]).toEqual([wrong, null]);
});

test("one key does not open with another's id", async () => {
  const { keys } = ring();
  const one = await keys.create("one");
  const other = await keys.create("other");
  expect(await keys.verify(`pr_${one.entry.id}_${other.key.slice(16)}`)).toBeNull();
});

test("what is kept does not hold the key", async () => {
  const { keys, documents } = ring();
  const { key, entry } = await keys.create("app");
  const kept = JSON.stringify(await documents.list("key"));
  expect(kept).toContain(entry.id);
  expect(kept).not.toContain(key.slice(16));
  const listed = await keys.list();
  expect(listed).toEqual([entry]);
  expect(JSON.stringify(listed)).not.toContain("hash");
});

test("a revoked key is refused at once, here; elsewhere after a second at most", async () => {
  const { keys, documents, clock } = ring();
  const elsewhere = new KeyRing(documents, () => clock.now);
  const { key, entry } = await keys.create("app");
  expect(await keys.verify(key)).toEqual(entry);
  expect(await elsewhere.verify(key)).toEqual(entry);
  clock.now += 500;
  expect(await keys.revoke("app")).toEqual({ ...entry, revokedAt: clock.now });
  expect(await keys.verify(key)).toBeNull();
  clock.now += 1_000;
  expect(await elsewhere.verify(key)).toBeNull();
});

test("a key can be revoked by its id or its name, once; its name is then free", async () => {
  const { keys, clock } = ring();
  const first = await keys.create("app");
  await expect(keys.create("app")).rejects.toMatchObject({ name: "KeyError", problem: "name-taken" });
  await keys.revoke(first.entry.id);
  await expect(keys.revoke(first.entry.id)).rejects.toMatchObject({ problem: "unknown" });
  clock.now += 1;
  const second = await keys.create("app");
  expect(await keys.verify(second.key)).toEqual(second.entry);
  expect(await keys.verify(first.key)).toBeNull();
  expect((await keys.revoke("app")).id).toBe(second.entry.id);
  expect((await keys.list()).map(({ id }) => id)).toEqual([first.entry.id, second.entry.id]);
});

test("a name is 1 to 64 printable characters", async () => {
  const { keys } = ring();
  for (const name of ["", " app", "app ", "a\nb", "a\u0000", "x".repeat(65)])
    await expect(keys.create(name), JSON.stringify(name)).rejects.toMatchObject({ problem: "bad-name" });
  expect((await keys.create("x".repeat(64))).entry.name).toHaveLength(64);
  expect((await keys.create("Nextcloud 你好")).entry.permission).toBe("full");
});
