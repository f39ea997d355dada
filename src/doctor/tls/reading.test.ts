// What handshakes, certificates and the environment come to, from facts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CauseId, causeIds } from "../../causes/book.ts";
import { judgeLocal } from "../../causes/judge.ts";
import { SmtpFailure } from "../../smtp/failure.ts";
import type { ClockFacts, Facts, Handshake, RuntimeFacts, TlsFacts, WalkFacts } from "../facts.ts";
import { factsOf, passedWalk, seen, settingOf } from "../names/facts.fixture.ts";
import { readCertificate } from "./certificate-reading.ts";
import { readRuntime } from "./runtime-reading.ts";
import { readTls } from "./scan-reading.ts";

const setting = settingOf("mail.example.org", 465);
const day = 24 * 60 * 60_000;
const now = Date.parse("2026-06-01T12:00:00Z");

const stood: Handshake = {
  offered: "it",
  version: "TLSv1.2",
  cipher: "AES",
  code: null,
  reason: null,
  ms: 5,
};
const failed: Handshake = { ...stood, version: null, cipher: null, code: "ECONNRESET", reason: "reset" };
const scan = (more: Partial<TlsFacts> = {}): TlsFacts => ({
  versions: { TLSv1: failed, "TLSv1.1": failed, "TLSv1.2": failed, "TLSv1.3": failed },
  concessions: {},
  implicit: null,
  clear: null,
  ...more,
});

function certificate(from: number, to: number, altNames: readonly string[] = ["mail.example.org"]) {
  const [validFrom, validTo] = [from, to].map((at) => new Date(at).toISOString()) as [string, string];
  return {
    subject: "CN=mail.example.org",
    issuer: "CN=Root",
    altNames,
    validFrom,
    validTo,
    fingerprint256: "AB",
  };
}

function metAtTls(cause: CauseId, code: string, shown?: ReturnType<typeof certificate>): Facts["walk"] {
  const verdict = judgeLocal({ cause, message: "tls: failed", stage: "tls" });
  const walk = passedWalk(verdict).seen!;
  const failure = new SmtpFailure("tls: failed", {
    stage: "tls",
    kind: "tls",
    code,
    certainty: "not-accepted",
    reply: null,
    secured: false,
    ...(shown === undefined ? {} : { certificate: shown }),
  });
  return seen<WalkFacts>({ ...walk, verdict, failure });
}

const causesOf = (facts: Facts) =>
  [readTls, readCertificate, readRuntime]
    .flatMap((reading) => reading(facts))
    .flatMap(({ cause }) => cause ?? []);

describe("a handshake that fails", () => {
  test.each<[string, CauseId, string, Partial<TlsFacts>, CauseId]>([
    [
      "hangs but stands when small",
      "tls.handshake-timeout",
      "TIMEOUT",
      { concessions: { "small-hello": stood } },
      "tcp.mtu-blackhole",
    ],
    [
      "is cut off but stands when small",
      "tls.closed-during-handshake",
      "CLOSED",
      { concessions: { "small-hello": stood } },
      "tls.large-clienthello-intolerance",
    ],
    [
      "stands without a server name",
      "tls.closed-during-handshake",
      "CLOSED",
      { concessions: { "no-server-name": stood } },
      "tls.unrecognized-name",
    ],
    [
      "stands at a lower level",
      "tls.handshake-failure",
      "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
      { concessions: { "level-0": stood } },
      "tls.no-shared-cipher",
    ],
    [
      "stands in old versions only",
      "tls.closed-during-handshake",
      "CLOSED",
      { versions: { "TLSv1.1": stood, "TLSv1.2": failed, "TLSv1.3": failed } },
      "tls.unsupported-protocol",
    ],
    [
      "meets a greeting in clear",
      "tls.failed",
      "ERR_SSL_OTHER",
      { clear: "220 mail.example.org ESMTP" },
      "config.tls-on-starttls-port",
    ],
    ["stands in no way", "tls.handshake-timeout", "TIMEOUT", {}, "tls.handshake-timeout"],
  ])("and %s", (_, met, code, more, cause) => {
    const facts = factsOf(setting, { walk: metAtTls(met, code), tls: seen(scan(more)) });
    expect(causesOf(facts)).toEqual([cause]);
  });
});

describe("a certificate", () => {
  const clock = (offsetMs: number) =>
    seen<ClockFacts>({
      offsets: [
        { host: "a.example", offsetMs },
        { host: "b.example", offsetMs },
      ],
    });
  const expired = certificate(now - 90 * day, now - day);

  test("that has expired, and the clock is right", () => {
    const walk = metAtTls("cert.expired", "CERT_HAS_EXPIRED", expired);
    expect(causesOf(factsOf(setting, { at: now, walk, clock: clock(300) }))).toEqual(["cert.expired"]);
  });

  test("that has expired by a clock that is 500 days ahead", () => {
    const good = certificate(now - 520 * day, now - 450 * day);
    const walk = metAtTls("cert.expired", "CERT_HAS_EXPIRED", good);
    const findings = readCertificate(factsOf(setting, { at: now, walk, clock: clock(-500 * day) }));
    expect(findings).toMatchObject([
      { cause: "cert.clock-skew", explains: expect.arrayContaining(["cert.expired"]) },
    ]);
    expect(findings[0]?.detail.en).toBe("The clock here is 500 days ahead");
  });

  test("is the clock's fault only when others agree on the time, and it helps", () => {
    const walk = metAtTls("cert.expired", "CERT_HAS_EXPIRED", expired);
    const quarrel = seen<ClockFacts>({
      offsets: [
        { host: "a", offsetMs: 0 },
        { host: "b", offsetMs: -500 * day },
      ],
    });
    expect(causesOf(factsOf(setting, { at: now, walk, clock: quarrel }))).toEqual([]);
    expect(causesOf(factsOf(setting, { at: now, walk, clock: clock(500 * day) }))).toEqual([]);
  });

  const walked = (leaf: ReturnType<typeof certificate>) =>
    seen<WalkFacts>({ ...passedWalk().seen!, chain: [leaf] });

  test.each([
    [certificate(now - 355 * day, now + 10 * day), ["cert.expires-soon"]],
    [certificate(now - 80 * day, now + 10 * day), ["cert.expires-soon"]],
    [certificate(now - 60 * day, now + 30 * day), []],
    // One of six days is new each week.
    [certificate(now - 2 * day, now + 4 * day), []],
    [certificate(now - 60 * day, now + 30 * day, []), ["cert.cn-only"]],
  ])("that verified is looked at as well", (leaf, causes) => {
    const facts = factsOf(setting, { at: now, walk: walked(leaf) });
    expect(causesOf(facts)).toEqual(causes);
    expect(readCertificate(facts).every(({ status }) => status === "warn")).toBe(true);
  });
});

describe("the environment", () => {
  const usual: RuntimeFacts = {
    node: "24.0.0",
    openssl: "3.5.0",
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    securityLevel: 2,
    roots: 120,
    variables: {},
    unreadable: [],
    configuration: null,
  };
  const under = (more: Partial<RuntimeFacts>, rest: Partial<Facts> = {}) =>
    factsOf(setting, { runtime: seen({ ...usual, ...more }), ...rest });

  test("that is usual is one line", () => {
    expect(readRuntime(under({}))).toMatchObject([{ status: "ok", probe: "runtime" }]);
  });

  test("is to blame when the handshake stands without it", () => {
    const changed = { minVersion: "TLSv1.3", variables: { NODE_OPTIONS: "--tls-min-v1.3" } };
    const walk = metAtTls("tls.alert-protocol-version", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    const tls = seen(scan({ versions: { "TLSv1.2": stood, "TLSv1.3": failed } }));
    expect(readRuntime(under(changed, { walk, tls })).map(({ cause, status }) => [cause, status])).toEqual([
      [undefined, "ok"],
      ["environment.openssl-conf", "fail"],
    ]);
    const neither = seen(scan());
    expect(readRuntime(under(changed, { walk, tls: neither })).every(({ status }) => status === "ok")).toBe(
      true,
    );
  });

  test("without roots is to blame for what is not trusted, and for nothing else", () => {
    const missing = { unreadable: ["NODE_EXTRA_CA_CERTS=/none"] };
    const walk = metAtTls("cert.unknown-root", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
    expect(causesOf(under(missing, { walk }))).toContain("cert.no-ca-bundle-in-image");
    expect(causesOf(under(missing, { walk: passedWalk() }))).toEqual([]);
  });

  test("that verifies nothing is told, though mail leaves", () => {
    const facts = under({ variables: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } });
    expect(readRuntime(facts).map(({ cause }) => cause)).toEqual([undefined, "cert.verification-disabled"]);
  });
});

test("no facts make these readings throw", () => {
  const handshake = fc.constantFrom(stood, failed, { ...failed, code: "TIMEOUT" });
  const offsets = fc.array(fc.record({ host: fc.string(), offsetMs: fc.integer() }), { maxLength: 3 });
  const keys = [
    "level-1",
    "level-0",
    "legacy-renegotiation",
    "small-hello",
    "no-server-name",
    "tls-1.2",
  ] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...causeIds),
      fc.constantFrom("CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "TIMEOUT", "ECONNRESET"),
      fc.dictionary(fc.constantFrom(...keys), handshake),
      fc.dictionary(fc.constantFrom("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"), handshake),
      fc.option(fc.string(), { nil: null }),
      offsets,
      (cause, code, concessions, versions, clear, seenOffsets) => {
        const facts = factsOf(setting, {
          at: now,
          walk: metAtTls(cause, code, certificate(now - day, now - 1)),
          tls: seen(scan({ concessions, versions, clear })),
          clock: seen<ClockFacts>({ offsets: seenOffsets }),
        });
        expect(causesOf(facts).every((id) => causeIds.includes(id))).toBe(true);
      },
    ),
  );
});
