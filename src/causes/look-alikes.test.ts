// The groups of look-alikes against the book and against what the stage proves to look alike.
import { expect, test } from "vitest";
import { lookAlikes as staged } from "../../test/doctor/cases/all.ts";
import { causeIds, isCauseId } from "./book.ts";
import { lookAlikes, lookAlikesOf } from "./look-alikes.ts";
import { lookAlikesLines } from "./page.ts";

test("every group names at least two causes of the book, none twice", () => {
  for (const { causes } of lookAlikes) {
    expect(causes.filter((id) => !isCauseId(id))).toEqual([]);
    expect(new Set(causes).size).toBe(causes.length);
    expect(causes.length).toBeGreaterThanOrEqual(2);
  }
});

test("what tells them apart is said in both languages, and needs no account", () => {
  for (const { tells, causes } of lookAlikes) {
    for (const text of Object.values(tells)) expect(text, causes[0]).not.toMatch(/^\s*$|[{}]/);
    expect(tells.en, causes[0]).not.toMatch(/\p{Script=Han}/u);
    expect(tells.zh, causes[0]).toMatch(/\p{Script=Han}/u);
    expect(tells.zh, causes[0]).not.toMatch(/\p{Script=Han}[,;:?!]/u);
  }
});

test("every two causes that look alike on the stage are told apart in one group", () => {
  const pairs = staged.flatMap(({ causes }) =>
    causes.flatMap((one, nth) => causes.slice(nth + 1).map((other) => [one, other] as const)),
  );
  expect(pairs.length).toBeGreaterThan(0);
  const missing = pairs.filter(
    ([one, other]) => !lookAlikes.some(({ causes }) => causes.includes(one) && causes.includes(other)),
  );
  expect(missing).toEqual([]);
});

test("a page names every other member of its groups, and never itself", () => {
  for (const id of causeIds) {
    const lines = lookAlikesLines(id, "en", (other) => `<${other}>`).join("\n");
    expect(lines).not.toContain(`<${id}>`);
    for (const other of lookAlikesOf(id).flatMap(({ causes }) => causes)) {
      if (other !== id) expect(lines, id).toContain(`<${other}>`);
    }
  }
});
