// No facts make a reading of this room throw, however odd.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CauseId, causeIds, cause as entryOf, isCauseId } from "../../causes/book.ts";
import { providers } from "../../providers/catalogue/all.ts";
import { type Capabilities, parseCapabilities } from "../../smtp/capabilities.ts";
import { stages } from "../../smtp/stage.ts";
import type { WalkFacts } from "../facts.ts";
import type { Setting } from "../test.ts";
import { readWalk } from "./reading.ts";
import { readSettings } from "./settings.ts";
import { factsOf, failedAt, nothing } from "./walk.fixture.ts";

const text = fc.oneof(
  fc.string(),
  fc.constantFrom("smtp.gmail.com", "undefined", "a@b.c", "::1", "*****", "XXXXXXXA"),
);
const reply = fc.record({
  code: fc.integer({ min: 200, max: 599 }),
  enhanced: fc.constant(null),
  lines: fc.array(text, { minLength: 1, maxLength: 4 }),
});
const capabilities: fc.Arbitrary<Capabilities> = reply.map(parseCapabilities);
const nullable = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });

const settings: fc.Arbitrary<Setting> = fc.record({
  provider: nullable(fc.constantFrom(...providers)),
  endpoint: fc.record({
    host: text,
    port: fc.oneof(fc.integer(), fc.constantFrom(465, 587, 25, 993, Number.NaN)),
    security: fc.constantFrom("tls", "starttls", "none"),
  }),
  serverName: nullable(text),
  credentials: nullable(
    fc.oneof(fc.record({ username: text, password: text }), fc.record({ username: text, accessToken: text })),
  ),
  secret: fc.record({ secretShape: fc.record({ matchesPattern: fc.boolean(), hasSpaces: fc.boolean() }) }),
  from: nullable(text),
  ca: fc.constant([]),
  proxy: fc.constant(null),
});

const walks = fc.record({
  stage: nullable(fc.constantFrom(...stages)),
  cause: fc.constantFrom(...causeIds),
  reply: nullable(reply),
  kind: fc.constantFrom("reply", "timeout", "socket", "tls", "aborted", "local", "protocol"),
  greeting: nullable(reply),
  greetingMs: nullable(fc.integer({ min: 0, max: 100_000 })),
  clear: nullable(capabilities),
  secured: nullable(capabilities),
  protocol: nullable(fc.constantFrom("TLSv1.2", "TLSv1.3")),
  signIns: fc.array(fc.record({ mechanism: text, ok: fc.boolean(), reply: nullable(reply) }), {
    maxLength: 3,
  }),
  size: nullable(fc.integer({ min: 0 })),
  helo: fc.boolean(),
  spoken: nullable(fc.record({ received: nullable(text), closed: fc.boolean() })),
  ownSender: nullable(fc.record({ address: text, accepted: fc.boolean() })),
  accepted: nullable(reply),
});

type Arbitrary = typeof walks extends fc.Arbitrary<infer T> ? T : never;

function walkOf(setting: Setting, { stage, cause, reply: said, kind, ...seen }: Arbitrary): WalkFacts {
  if (stage === null) {
    const none = { cause: null, scope: null, stage: null, remedy: null, verdict: null };
    return { ...nothing, ...seen, result: { ok: true, ...none, steps: [], transcript: [] } };
  }
  const failed = failedAt(setting, stage, { reply: said, kind });
  const verdict = { ...failed.verdict!, cause };
  return { ...failed, ...seen, verdict, result: { ...failed.result, verdict, cause } };
}

test("no facts make a reading throw, and every cause it names is in the book and explains others", () => {
  fc.assert(
    fc.property(settings, walks, (setting, seen) => {
      const facts = factsOf(setting, walkOf(setting, seen));
      const found = [...readSettings(facts), ...readWalk(facts), ...readSettings(factsOf(setting, null))];
      const named = found.flatMap(({ cause, explains = [] }): readonly (CauseId | undefined)[] => [
        cause,
        ...explains,
      ]);
      expect(named.filter((cause) => cause !== undefined && !isCauseId(cause))).toEqual([]);
      for (const { cause, layer } of found) if (cause !== undefined) expect(layer).toBe(entryOf(cause).layer);
      for (const { detail, evidence = [] } of found)
        for (const { en, zh } of [detail, ...evidence])
          expect([en.length > 0, zh.length > 0]).toEqual([true, true]);
      const { verdict } = facts.walk.seen ?? {};
      if (verdict) expect(found.some(({ cause }) => cause === verdict.cause)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
