// A reading is told as soon as all that it asks for is there, and never says that what was just done cannot be done.
import { expect, test } from "vitest";
import type { Look, WalkFacts } from "./facts.ts";
import type { Finding, Reading } from "./finding.ts";
import { findingOf, readSoFar } from "./readings.ts";
import type { Seen } from "./seen.ts";
import { settingOfInput } from "./setting.ts";

const setting = settingOfInput(
  { host: "127.0.0.1", port: 465, username: "ann@example.com", security: "tls", from: "ann@example.com" },
  { password: "hunter2hunter2" },
);
const nothing: Seen = { setting, at: 0 };
const unable = { seen: null, ms: 0, why: "unable" } as const;
const walked = (ok: boolean) => ({ seen: { result: { ok } }, ms: 1 }) as Look<WalkFacts>;
const failing: Finding = {
  probe: "names",
  layer: "dns",
  status: "fail",
  ms: 1,
  cause: "dns.timeout",
  detail: { en: "no answer", zh: "没有应答" },
};

test("a reading waits for what it asks for, and for nothing else", () => {
  const reading: Reading = ({ names, machine }) =>
    names.seen === null && machine.seen === null ? [{ ...failing, status: "ok" }] : [];
  expect(readSoFar(reading, nothing)).toBeNull();
  expect(readSoFar(reading, { ...nothing, names: unable })).toBeNull();
  expect(readSoFar(reading, { ...nothing, names: unable, machine: unable })).toHaveLength(1);
  const early: Reading = ({ names }) => (names.seen === null ? [{ ...failing, status: "warn" }] : []);
  expect(readSoFar(early, { ...nothing, names: unable })).toHaveLength(1);
});

test("a failure waits for the walk, and is a weakness where the walk came to its end", () => {
  const reading: Reading = () => [failing];
  expect(readSoFar(reading, nothing)).toBeNull();
  expect(readSoFar(reading, { ...nothing, walk: walked(false) })).toEqual([failing]);
  expect(readSoFar(reading, { ...nothing, walk: unable })).toEqual([failing]);
  expect(readSoFar(reading, { ...nothing, walk: walked(true) })).toEqual([{ ...failing, status: "warn" }]);
  const later: Finding = { ...failing, layer: "envelope", cause: "envelope.sender-not-owned" };
  expect(readSoFar(() => [later], nothing)).toEqual([later]);
});

test("a reading or a look that breaks is told, without the secret, and costs no good health", () => {
  const slip = new TypeError("cannot read hunter2hunter2");
  const broken = readSoFar(() => {
    throw slip;
  }, nothing);
  expect(broken).toEqual([expect.objectContaining({ status: "skipped", layer: "unknown" })]);
  expect(JSON.stringify(broken)).toContain("cannot read ***");
  expect(findingOf({ look: "machine", error: slip }, setting)).toMatchObject({ status: "skipped" });
  expect(findingOf({ look: "walk", error: slip }, setting)).toMatchObject({
    status: "fail",
    cause: "unknown.failure",
  });
});
