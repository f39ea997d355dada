// Whatever is found and in whatever order, one cause comes out of it, and never an effect of another.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CauseId, cause, causeIds } from "../causes/book.ts";
import { conclude, layers } from "./conclude.ts";
import { type Finding, probes } from "./finding.ts";

const found = (id: CauseId | null, more: Partial<Finding> = {}): Finding => ({
  probe: "ports",
  layer: id === null ? "tcp" : cause(id).layer,
  status: "fail",
  ms: 1,
  detail: { en: "seen", zh: "看到" },
  ...(id === null ? {} : { cause: id }),
  ...more,
});

describe("what is told", () => {
  test("all well, nothing found, nothing to tell", () => {
    expect(conclude([])).toMatchObject({ verdict: "ok", cause: null, evidence: [] });
    expect(conclude([found(null, { status: "ok" }), found(null, { status: "skipped" })])).toMatchObject({
      verdict: "ok",
      cause: null,
    });
  });

  test("the first layer that fails, whatever else does", () => {
    const all = [found("auth.bad-credentials"), found("dns.nxdomain"), found("tcp.timeout")];
    expect(conclude(all)).toMatchObject({ verdict: "failed", cause: "dns.nxdomain" });
  });

  test("what a later finding explains is its effect, though its layer comes first", () => {
    const timeout = found("tcp.timeout");
    const wrongHost = found("cert.hostname-mismatch", { explains: ["tcp.timeout"] });
    const { cause: told, effects } = conclude([timeout, wrongHost]);
    expect(told).toBe("cert.hostname-mismatch");
    expect([...effects]).toEqual([timeout]);
  });

  test("explanations go on in a chain, and in a circle the first layer is told", () => {
    const chain = [
      found("dns.timeout"),
      found("tcp.timeout", { explains: ["dns.timeout"] }),
      found("cert.expired", { explains: ["tcp.timeout"] }),
    ];
    expect(conclude(chain)).toMatchObject({ cause: "cert.expired" });
    const circle = [found("dns.timeout", { explains: ["cert.expired"] }), ...chain.slice(1)];
    expect(conclude(circle)).toMatchObject({ cause: "dns.timeout" });
    expect(conclude(circle).effects.size).toBe(0);
  });

  test("what only may be is no explanation of what is", () => {
    const warning = found("cert.expired", { status: "warn", explains: ["tcp.timeout"] });
    expect(conclude([found("tcp.timeout"), warning])).toMatchObject({ cause: "tcp.timeout" });
  });

  test("without a failure the first warning is told, and how it stands", () => {
    const warnings = [found("cert.expired", { status: "warn" }), found("dns.timeout", { status: "warn" })];
    expect(conclude(warnings)).toMatchObject({ verdict: "degraded", cause: "dns.timeout" });
  });

  test("a failure that has no name is still a failure", () => {
    expect(conclude([found(null)])).toMatchObject({ verdict: "failed", cause: "unknown.failure" });
    expect(conclude([found(null), found("cert.expired")])).toMatchObject({ cause: "cert.expired" });
  });

  test("the evidence of all who name it, once", () => {
    const says = (en: string) => ({ en, zh: en });
    const { evidence, values } = conclude([
      found("tcp.timeout", { evidence: [says("one"), says("two")], values: { found: "a" } }),
      found("tcp.timeout", {
        probe: "firewall",
        evidence: [says("two"), says("three")],
        values: { rule: "b" },
      }),
      found("cert.expired", { evidence: [says("four")] }),
    ]);
    expect(evidence.map(({ en }) => en)).toEqual(["one", "two", "three"]);
    expect(values).toEqual({ found: "a", rule: "b" });
  });
});

const few: readonly CauseId[] = [
  "config.host-typo",
  "dns.nxdomain",
  "dns.timeout",
  "tcp.timeout",
  "cert.expired",
  "auth.bad-credentials",
];
const anyCause = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...few) }, fc.constantFrom(...causeIds));
const anyFinding: fc.Arbitrary<Finding> = fc
  .record(
    {
      probe: fc.constantFrom(...probes),
      layer: fc.constantFrom(...layers),
      status: fc.constantFrom("ok", "warn", "fail", "skipped"),
      ms: fc.nat(15_000),
      detail: fc.record({ en: fc.string(), zh: fc.string() }),
      cause: anyCause,
      explains: fc.array(anyCause, { maxLength: 4 }),
    },
    { requiredKeys: ["probe", "layer", "status", "ms", "detail"] },
  )
  .map((finding) => finding as Finding);

/** Failures that nearly all account for each other. */
const anyTangle = fc.array(
  fc
    .tuple(fc.constantFrom(...few), fc.array(fc.constantFrom(...few), { minLength: 1, maxLength: 3 }))
    .map(([id, explains]) => found(id, { explains })),
  { minLength: 1, maxLength: 8 },
);
const anyFindings = fc.oneof(fc.array(anyFinding, { maxLength: 12 }), anyTangle);

/** Which causes a failing finding accounts for, however far; written the slow way. */
function effectsOf(fails: readonly Finding[], id: CauseId): ReadonlySet<CauseId> {
  const ends = new Set<CauseId>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const { cause: by, explains = [] } of fails) {
      if (by === undefined || !(by === id || ends.has(by))) continue;
      for (const effect of explains) {
        if (ends.has(effect) || !fails.some((one) => one.cause === effect)) continue;
        ends.add(effect);
        grown = true;
      }
    }
  }
  return ends;
}

test("for any findings: failed just when something fails, a name for every failure, no effect for a cause", () => {
  fc.assert(
    fc.property(anyFindings, (findings) => {
      const { verdict, cause: told, findings: shown, named } = conclude(findings);
      const fails = findings.filter(({ status }) => status === "fail");
      const warns = findings.filter(({ status }) => status === "warn");
      expect(verdict).toBe(fails.length > 0 ? "failed" : warns.length > 0 ? "degraded" : "ok");
      expect(shown).toHaveLength(findings.length);
      if (verdict === "failed") expect(told).not.toBeNull();
      if (verdict !== "ok") expect(named.length).toBeGreaterThan(0);
      if (told === null || !fails.some((one) => one.cause === told)) return;
      for (const { cause: other } of fails) {
        if (other === undefined || other === told || !effectsOf(fails, other).has(told)) continue;
        expect(effectsOf(fails, told).has(other)).toBe(true);
      }
    }),
  );
});

test("for any findings: their order does not matter", () => {
  const shuffled = anyFindings.chain((findings) =>
    fc.tuple(fc.constant(findings), fc.shuffledSubarray([...findings], { minLength: findings.length })),
  );
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      expect(conclude(other)).toEqual(conclude(one));
    }),
  );
});
