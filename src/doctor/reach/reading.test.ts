// The tables by which look-alikes of a failed connection are told apart, row by row.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Facts, Family, Knock, MachineFacts, ReachFacts, RuntimeFacts } from "../facts.ts";
import { type Finding, probes } from "../finding.ts";
import { factsOf, passedWalk, seen, settingFor, settingOf } from "../names/facts.fixture.ts";
import type { Setting } from "../test.ts";
import { readReach } from "./reading.ts";

const address = "203.0.113.7";

function knock(port: number, code: string | null, more: Partial<Knock> = {}): Knock {
  return { address, family: 4, port, code, ms: 3, greeting: null, closed: false, ...more };
}

const six = (port: number, code: string | null, ms = 3) =>
  knock(port, code, { address: "2001:db8::7", family: 6, ms });

/** How each control ended; what is left out was not tried. */
interface Controls {
  readonly web?: string | null;
  readonly elsewhere?: string | null;
  readonly others?: readonly (string | null)[];
  readonly spare?: string | null;
  readonly nowhere?: string | null;
}

interface Staged extends Controls {
  readonly setting?: Setting;
  readonly own?: readonly Knock[];
  /** By port. */
  readonly ports?: Readonly<Record<number, string | null>>;
  readonly routes?: ReachFacts["routes"];
  readonly machine?: Partial<MachineFacts>;
  readonly more?: Partial<Facts>;
}

const machine: MachineFacts = {
  platform: null,
  platformBy: null,
  container: null,
  serverless: false,
  system: { name: "linux", libc: "glibc" },
  proxies: [],
};

const qq = settingFor("qq", 587);
const here: ReachFacts["routes"] = { v4: true, v6: false };

function facts(staged: Staged): Facts {
  const { setting = qq, own, ports = {}, routes = here, more = {} } = staged;
  const { port } = setting.endpoint;
  const to = (host: string, on: number, code: string | null | undefined) =>
    code === undefined ? [] : [{ ...knock(on, code), host }];
  return factsOf(setting, {
    machine: seen({ ...machine, ...staged.machine }),
    reach: seen({
      own: own ?? [knock(port, "TIMEOUT")],
      ports: Object.entries(ports).map(([one, code]) => knock(Number(one), code)),
      controls: {
        web: to("mail.qq.com", 443, staged.web),
        elsewhere: to("example.com", 443, staged.elsewhere),
        others: [
          ...(staged.others ?? []).flatMap((code, at) => to(`smtp${at}.other.example`, port, code)),
          ...to("smtp.sendgrid.net", 2525, staged.spare),
        ],
        nowhere: staged.nowhere === undefined ? [] : [knock(port, staged.nowhere, { address: "192.0.2.1" })],
      },
      routes,
    }),
    ...more,
  });
}

const read = (staged: Staged) => readReach(facts(staged)).filter(({ probe }) => probe !== "routes");

const brief = (findings: readonly Finding[]) =>
  findings.map(({ status, cause }) => (cause === undefined ? status : `${status} ${cause}`)).join("; ");

const evidence = (findings: readonly Finding[]) =>
  findings
    .flatMap((one) => one.evidence ?? [])
    .map(({ en }) => en)
    .join("\n");

const reachesWeb = { web: null, elsewhere: null, nowhere: "TIMEOUT" } as const;
const silentHere = { ...reachesWeb, others: ["TIMEOUT", "TIMEOUT"] } as const;
const own = settingOf("mail.own.example");
const at = (platform: string) => ({ platform, platformBy: "DMI" });

describe("timeouts", () => {
  test.each<[string, Staged, string]>([
    [
      "some ports silent at every provider, at a cloud that blocks them",
      {
        ...silentHere,
        setting: settingFor("qq", 465),
        ports: { 587: null, 25: "TIMEOUT" },
        machine: at("hetzner"),
      },
      "fail tcp.timeout-cloud-egress-block",
    ],
    [
      "all usual ports silent, and 2525 open elsewhere: DigitalOcean",
      { ...silentHere, ports: { 465: "TIMEOUT", 25: "TIMEOUT" }, spare: null, machine: at("digitalocean") },
      "fail tcp.timeout-cloud-egress-block",
    ],
    [
      "the same, and nobody knows which cloud",
      { ...silentHere, ports: { 465: "TIMEOUT", 25: "TIMEOUT" }, spare: null },
      "fail tcp.timeout-cloud-egress-block",
    ],
    [
      "a platform that blocks all of it on this plan",
      {
        ...silentHere,
        ports: { 465: "TIMEOUT", 25: "TIMEOUT", 2525: "TIMEOUT" },
        spare: "TIMEOUT",
        machine: at("railway"),
      },
      "fail tcp.paas-plan-block",
    ],
    [
      "a platform's free plan",
      { ...silentHere, spare: null, machine: at("render") },
      "fail tcp.paas-plan-block",
    ],
    [
      "port 25 silent everywhere and others open, at home",
      { ...silentHere, setting: settingFor("163", 25), ports: { 465: null } },
      "fail tcp.isp-block",
    ],
    [
      "port 25 and every other port for mail",
      {
        ...silentHere,
        setting: settingFor("163", 25),
        ports: { 465: "TIMEOUT", 2525: "TIMEOUT" },
        spare: "TIMEOUT",
      },
      "fail tcp.timeout-security-group",
    ],
    [
      "port 25 at a cloud",
      { ...silentHere, setting: settingFor("163", 25), ports: { 465: null }, machine: at("aws") },
      "fail tcp.timeout-cloud-egress-block",
    ],
    [
      "every port for mail silent, 2525 too",
      { ...silentHere, ports: { 465: "TIMEOUT", 25: "TIMEOUT", 2525: "TIMEOUT" }, spare: "TIMEOUT" },
      "fail tcp.timeout-security-group",
    ],
    [
      "the same at a cloud that leaves the port open",
      { ...silentHere, ports: { 465: "TIMEOUT", 25: "TIMEOUT" }, spare: "TIMEOUT", machine: at("aws") },
      "fail tcp.timeout-security-group",
    ],
    [
      "the same in a pod",
      { ...silentHere, ports: { 465: "TIMEOUT" }, spare: "TIMEOUT", machine: { container: "kubernetes" } },
      "fail tcp.kubernetes-networkpolicy",
    ],
    [
      "one provider silent, others not",
      { ...reachesWeb, others: ["TIMEOUT", null], ports: { 465: "TIMEOUT", 25: "TIMEOUT" } },
      "fail tcp.timeout-provider-drops-your-ip",
    ],
    [
      "one provider and its site silent, others not",
      { elsewhere: null, web: "TIMEOUT", others: [null], ports: { 465: "TIMEOUT" }, nowhere: "TIMEOUT" },
      "fail tcp.timeout-provider-drops-your-ip",
    ],
    [
      "one's own server alive and silent on ports for mail",
      { ...reachesWeb, web: "ECONNREFUSED", setting: own, others: [null], ports: { 465: "TIMEOUT" } },
      "fail tcp.timeout-provider-drops-your-ip",
    ],
    [
      "one's own server altogether silent",
      { ...reachesWeb, web: "TIMEOUT", setting: own, others: [null], ports: { 465: "TIMEOUT" } },
      "fail tcp.timeout",
    ],
    [
      "a host that only receives",
      {
        ...reachesWeb,
        setting: settingOf("mx1.qq.com"),
        others: [null],
        ports: { 25: null, 465: "TIMEOUT" },
      },
      "fail config.host-exists-but-wrong-role",
    ],
    [
      "a port that only this host lacks",
      { ...reachesWeb, others: [null], ports: { 25: null, 465: null } },
      "fail tcp.timeout",
    ],
    [
      "a host behind Cloudflare",
      {
        ...reachesWeb,
        setting: own,
        own: [knock(587, "TIMEOUT", { address: "104.16.9.9" })],
        others: [null],
        ports: { 465: "TIMEOUT" },
      },
      "fail tcp.mail-host-behind-web-proxy",
    ],
    [
      "nothing gets out",
      { web: "TIMEOUT", elsewhere: "TIMEOUT", others: ["TIMEOUT"] },
      "fail tcp.timeout-security-group",
    ],
    [
      "nothing gets out of a container",
      { web: "TIMEOUT", elsewhere: "TIMEOUT", machine: { container: "podman" } },
      "fail tcp.container-egress",
    ],
    [
      "nothing gets out, and a proxy is set",
      {
        web: "TIMEOUT",
        elsewhere: "TIMEOUT",
        machine: { container: "docker", proxies: [{ variable: "HTTPS_PROXY", value: "http://p:3128" }] },
      },
      "fail tcp.corporate-proxy-only",
    ],
    [
      "IPv4 silent beside IPv6 that never had a way: the block counts",
      { ...silentHere, own: [six(587, "ENETUNREACH"), knock(587, "TIMEOUT")], machine: at("digitalocean") },
      "fail tcp.timeout-cloud-egress-block",
    ],
    ["no control was allowed", {}, "fail tcp.timeout"],
    [
      "no control was allowed, and the cloud is known for it",
      { machine: at("linode") },
      "fail tcp.timeout-cloud-egress-block",
    ],
    [
      "a server in one's own network",
      { own: [knock(587, "TIMEOUT", { address: "10.0.0.5" })], ...silentHere },
      "fail tcp.timeout",
    ],
  ])("%s", (_, staged, told) => {
    expect(brief(read(staged))).toBe(told);
  });
});

describe("failing at once", () => {
  test.each<[string, Staged, string]>([
    [
      "closed at the server",
      { own: [knock(587, "ECONNREFUSED")], ...reachesWeb, others: [null], ports: { 465: null } },
      "fail tcp.refused-by-server",
    ],
    [
      "rejected next door: so is a place where nothing lives",
      { own: [knock(587, "ECONNREFUSED")], ...reachesWeb, others: ["ECONNREFUSED"], nowhere: "ECONNREFUSED" },
      "fail tcp.refused-by-local-rule",
    ],
    [
      "everything rejected, and a proxy is set",
      {
        own: [knock(587, "ECONNREFUSED")],
        web: "ECONNREFUSED",
        elsewhere: "ECONNREFUSED",
        nowhere: "ECONNREFUSED",
        machine: { proxies: [{ variable: "ALL_PROXY", value: "socks5://p:1080" }] },
      },
      "fail tcp.corporate-proxy-only",
    ],
    [
      "on this very machine",
      { setting: settingOf("127.0.0.1"), own: [knock(587, "ECONNREFUSED", { address: "127.0.0.1" })] },
      "fail tcp.refused-by-server",
    ],
    ["forbidden by this machine", { own: [knock(587, "EPERM")] }, "fail tcp.refused-by-local-rule"],
    [
      "prohibited for one port",
      {
        own: [knock(587, "EHOSTUNREACH")],
        ports: { 465: null },
        ...reachesWeb,
        others: ["EHOSTUNREACH"],
        nowhere: "EHOSTUNREACH",
      },
      "fail tcp.admin-prohibited",
    ],
    [
      "prohibited, and no control was allowed",
      { own: [knock(587, "EHOSTUNREACH")] },
      "fail tcp.admin-prohibited",
    ],
    [
      "rejected as if there were no route",
      { own: [knock(587, "ENETUNREACH")], ...reachesWeb, others: ["ENETUNREACH"], nowhere: "ENETUNREACH" },
      "fail tcp.admin-prohibited",
    ],
    [
      "IPv6 prohibited, after the second that such an answer takes",
      {
        own: [six(587, "EACCES", 1012)],
        ports: { 465: null },
        ...reachesWeb,
        others: [null],
        routes: { v4: true, v6: true },
      },
      "fail tcp.admin-prohibited",
    ],
    [
      "a route to this host that refuses",
      { own: [knock(587, "EINVAL")], ports: { 465: "EINVAL" }, ...reachesWeb, others: [null] },
      "fail tcp.no-route",
    ],
    [
      "no route at all",
      {
        own: [knock(587, "ENETUNREACH")],
        web: "ENETUNREACH",
        elsewhere: "ENETUNREACH",
        routes: { v4: false, v6: false },
      },
      "fail tcp.no-route",
    ],
    [
      "a container without a network",
      {
        own: [knock(587, "ENETUNREACH")],
        routes: { v4: false, v6: false },
        machine: { container: "docker" },
      },
      "fail tcp.container-egress",
    ],
    [
      "a neighbour that is down",
      { own: [knock(587, "EHOSTUNREACH", { address: "10.0.0.77", ms: 3068 })], ...reachesWeb },
      "fail tcp.timeout",
    ],
    [
      "a gateway that is down",
      { own: [knock(587, "EHOSTUNREACH", { ms: 3068 })], web: "EHOSTUNREACH", elsewhere: "EHOSTUNREACH" },
      "fail tcp.no-route",
    ],
    [
      "cut off by the host",
      { own: [knock(587, "ECONNRESET")], ...reachesWeb, others: [null] },
      "fail tcp.reset",
    ],
  ])("%s", (_, staged, told) => {
    expect(brief(read(staged))).toBe(told);
  });

  test("a device that cuts every connection is told from a host that cuts its own", () => {
    const everywhere = read({ own: [knock(587, "ECONNRESET")], ...reachesWeb, others: ["ECONNRESET"] });
    expect(everywhere[0]?.detail.en).toContain("to whatever host");
  });
});

describe("a connection that stands", () => {
  const stands = { own: [knock(587, null, { ms: 20 })], ports: { 465: null } } as const;

  test.each<[string, Staged, string]>([
    ["all well", stands, "ok"],
    ["no IPv6 at all", { ...stands, own: [six(587, "ENETUNREACH"), ...stands.own] }, "ok"],
    [
      "IPv6 alone",
      {
        own: [six(587, null), knock(587, "ENETUNREACH")],
        ports: { 465: null },
        routes: { v4: false, v6: true },
      },
      "ok",
    ],
    [
      "one address of several",
      { ...stands, own: [...stands.own, knock(587, "TIMEOUT", { address: "203.0.113.8" })] },
      "ok",
    ],
    [
      "port 25 blocked, as everywhere",
      { ...stands, ports: { 465: null, 25: "TIMEOUT", 2525: "TIMEOUT" } },
      "ok",
    ],
    [
      "IPv6 that is dropped",
      { ...stands, own: [six(587, "TIMEOUT"), ...stands.own], routes: { v4: true, v6: true } },
      "ok; warn tcp.broken-ipv6",
    ],
    [
      "IPv6 that is set up and leads nowhere",
      { ...stands, own: [six(587, "ENETUNREACH"), ...stands.own], routes: { v4: true, v6: true } },
      "ok; warn tcp.broken-ipv6",
    ],
    ["the other port is lost", { ...stands, ports: { 465: "TIMEOUT" } }, "ok; warn"],
    [
      "the other port is the cloud's to block",
      { ...stands, ports: { 465: "TIMEOUT" }, machine: at("hetzner") },
      "ok; warn tcp.timeout-cloud-egress-block",
    ],
    [
      "the other port is the plan's to block",
      { ...stands, ports: { 465: "TIMEOUT" }, machine: at("render") },
      "ok; warn tcp.paas-plan-block",
    ],
    [
      "one of several other ports is lost",
      { setting: settingFor("sendgrid", 587), own: stands.own, ports: { 465: "TIMEOUT", 2525: null } },
      "ok",
    ],
    [
      "somebody takes connections to nowhere",
      { ...stands, nowhere: null },
      "fail tcp.transparent-smtp-proxy",
    ],
    [
      "somebody takes them, and mail passes",
      { ...stands, nowhere: null, more: { walk: passedWalk() } },
      "ok; warn tcp.transparent-smtp-proxy",
    ],
    ["the knock failed, and the dialogue did not", { ...silentHere, more: { walk: passedWalk() } }, "ok"],
  ])("%s", (_, staged, told) => {
    expect(brief(read(staged))).toBe(told);
  });

  test("a slow line whose last address is dead defeats Node's own choice of address, and ours not", () => {
    const slow = [knock(587, null, { ms: 310 }), six(587, "TIMEOUT")];
    const routes = { v4: true, v6: true };
    expect(brief(read({ own: slow, routes }))).toBe(
      "ok; warn tcp.broken-ipv6; warn tcp.happy-eyeballs-250ms",
    );
    const runtime = seen({ node: "v26.10.0" } as RuntimeFacts);
    expect(brief(read({ own: slow, routes, more: { runtime } }))).toBe("ok; warn tcp.broken-ipv6");
  });

  test("what telnet shows is explained where the port waits for TLS", () => {
    const setting = settingFor("qq", 465);
    expect(evidence(read({ setting, own: [knock(465, null)] }))).toContain("Escape character");
    expect(evidence(read({ setting, own: [knock(465, "TIMEOUT")] }))).toContain("Trying…");
    expect(evidence(read({ own: [knock(587, null)] }))).not.toContain("telnet");
  });
});

describe("what goes with a cause", () => {
  test("evidence excludes each look-alike, and values name the cloud, its ports and what is open", () => {
    const staged: Staged = {
      ...silentHere,
      setting: settingFor("qq", 465),
      ports: { 587: null, 25: "TIMEOUT", 2525: "TIMEOUT" },
      machine: at("hetzner"),
    };
    const findings = read(staged);
    expect(evidence(findings)).toContain(
      "smtp0.other.example, smtp1.other.example cannot be reached on port 465 either",
    );
    expect(evidence(findings)).toContain("Port 443 of example.com connects");
    expect(evidence(findings)).toContain("192.0.2.1, where nothing lives, stays silent");
    expect(evidence(findings)).toMatch(
      /runs at Hetzner.* \(DMI\), which by default blocks outgoing ports 25, 465/,
    );
    expect(findings[0]?.values).toMatchObject({ blockedPorts: "25, 465", openPorts: "587" });
    expect(findings[0]?.values?.unblock).toMatchObject({
      en: expect.stringMatching(/\w/),
      zh: expect.stringMatching(/\p{Script=Han}/u),
    });
    expect(findings[0]?.explains).toContain("tcp.timeout");
    expect(findings[0]?.explains).not.toContain("tcp.timeout-local-drop");
  });

  test("a proxy in the setting is all that counts", () => {
    const proxy = { kind: "socks5", host: "10.0.0.9", port: 1080 } as const;
    const setting = settingOf("smtp.qq.com", 587, { proxy });
    expect(brief(read({ setting, own: [knock(1080, null)] }))).toBe("ok");
    expect(read({ setting, own: [knock(1080, "ECONNREFUSED")] })).toMatchObject([
      { layer: "proxy", status: "fail", cause: "proxy.unreachable" },
    ]);
  });

  test("without a look nothing is said but that the time was over", () => {
    const cut = factsOf(qq, { reach: { seen: null, ms: 15_000, why: "cut" } });
    expect(readReach(cut)).toMatchObject([{ status: "skipped" }]);
    expect(readReach(factsOf(qq))).toEqual([]);
  });
});

const code = fc.option(
  fc.constantFrom(
    "TIMEOUT",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EACCES",
    "EPERM",
    "EINVAL",
    "EADDRNOTAVAIL",
    "EWHATEVER",
  ),
);
const anyKnock: fc.Arbitrary<Knock> = fc
  .record({
    ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("127.0.0.1", "10.0.0.1", "104.16.0.1")),
    port: fc.constantFrom(25, 465, 587, 2525, 443),
    code,
    ms: fc.nat(10_000),
    greeting: fc.option(fc.string()),
    closed: fc.boolean(),
  })
  .map(({ ip, ...rest }) => ({ ...rest, address: ip, family: (ip.includes(":") ? 6 : 4) as Family }));
const knocks = fc.array(anyKnock, { maxLength: 4 });
const named = fc.array(
  fc.tuple(anyKnock, fc.domain()).map(([one, host]) => ({ ...one, host })),
  { maxLength: 3 },
);
const anyReach: fc.Arbitrary<ReachFacts> = fc.record({
  own: knocks,
  ports: knocks,
  controls: fc.record({ web: named, elsewhere: knocks, others: named, nowhere: knocks }),
  routes: fc.record({ v4: fc.option(fc.boolean()), v6: fc.option(fc.boolean()) }),
});
const anyMachine: fc.Arbitrary<MachineFacts> = fc.record({
  platform: fc.option(fc.constantFrom("hetzner", "render", "aws", "railway", "ovh", "nobody")),
  platformBy: fc.option(fc.string()),
  container: fc.option(fc.constantFrom("docker" as const, "kubernetes" as const, "other" as const)),
  serverless: fc.boolean(),
  system: fc.constant(machine.system),
  proxies: fc.array(fc.record({ variable: fc.string(), value: fc.string() }), { maxLength: 2 }),
});
const anySetting = fc.constantFrom(
  qq,
  settingFor("163", 25),
  settingFor("gmail", 465),
  own,
  settingOf("127.0.0.1", 25),
);

test("whatever was seen, reading never throws and names at most one failing cause", () => {
  fc.assert(
    fc.property(
      anySetting,
      anyReach,
      fc.option(anyMachine),
      fc.boolean(),
      (setting, reach, runsOn, passed) => {
        const findings = readReach(
          factsOf(setting, {
            reach: seen(reach),
            ...(runsOn === null ? {} : { machine: seen(runsOn) }),
            ...(passed ? { walk: passedWalk() } : {}),
          }),
        );
        const failing = findings.filter(({ status }) => status === "fail");
        expect(failing.length).toBeLessThanOrEqual(passed ? 0 : 1);
        for (const { detail, probe, status, cause, explains = [] } of findings) {
          expect(probes).toContain(probe);
          expect(detail.en).not.toMatch(/undefined|null|\.$/);
          expect(detail.zh).not.toMatch(/undefined|null|。$/);
          if (status === "ok") expect(cause).toBeUndefined();
          if (cause !== undefined) expect(explains).not.toContain(cause);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
