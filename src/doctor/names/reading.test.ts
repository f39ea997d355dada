// Name servers of ours that fail in every way there is: each way is named for what it is.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeLocal } from "../../causes/judge.ts";
import type { Lookup } from "../../smtp/options.ts";
import type { Facts, Knock, NameFacts } from "../facts.ts";
import { type Finding, probes } from "../finding.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { factsOf, passedWalk, seen, settingFor, settingOf } from "./facts.fixture.ts";
import { lookAtNames } from "./look.ts";
import { startNameServer, type Zone } from "./name-server.fixture.ts";
import { readNames } from "./reading.ts";

/** What getaddrinfo throws. */
function systemError(code: string, errno: number): Lookup {
  return async (host) => {
    throw Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, errno });
  };
}

const noSuchName = systemError("ENOTFOUND", -3008);
const noAddress = systemError("ENOTFOUND", -3007);
const tryAgain = systemError("EAI_AGAIN", -3001);
const finds =
  (...addresses: readonly string[]): Lookup =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

interface Staged {
  readonly setting?: Setting;
  readonly system: Lookup;
  /** One name server each. */
  readonly zones?: readonly Zone[];
  /** A name server that nobody started. */
  readonly deaf?: boolean;
  readonly hosts?: string;
  readonly options?: string;
  readonly ended?: AbortSignal;
}

const qq = settingFor("qq", 587);
const truth = "203.0.113.7";

/** A zone that knows example.com and, unless a test says otherwise, the host. */
function zone(host: ReturnType<Zone>): Zone {
  return (name) => {
    if (name === "example.com") return ["198.51.100.1"];
    return name === qq.endpoint.host || name === "mail.own.example" ? host : "NXDOMAIN";
  };
}

async function look(staged: Staged): Promise<NameFacts> {
  const servers = await Promise.all((staged.zones ?? []).map((one) => startNameServer(one)));
  const lines = [
    ...servers.map(({ at }) => `nameserver ${at}`),
    ...(staged.deaf ? [`nameserver ${await closedPort()}`] : []),
    staged.options ?? "",
  ];
  const files: Readonly<Record<string, string>> = {
    "/etc/resolv.conf": lines.join("\n"),
    "/etc/hosts": staged.hosts ?? "",
  };
  const surroundings: Surroundings = {
    read: async (path) => files[path] ?? null,
    run: async () => ({ state: "absent", stdout: "", stderr: "" }),
    env: {},
    now: () => 0,
    ended: staged.ended ?? new AbortController().signal,
    connecting: (use) => use(),
    controls: true,
  };
  try {
    return await lookAtNames(staged.setting ?? qq, surroundings, staged.system);
  } finally {
    await Promise.all(servers.map(({ close }) => close()));
  }
}

async function closedPort(): Promise<string> {
  const server = await startNameServer(() => "silence");
  await server.close();
  return server.at;
}

async function read(staged: Staged, more: Partial<Facts> = {}): Promise<readonly Finding[]> {
  return readNames(factsOf(staged.setting ?? qq, { names: seen(await look(staged)), ...more }));
}

const brief = (findings: readonly Finding[]) =>
  findings.map(({ probe, status, cause }) => `${probe} ${status}${cause === undefined ? "" : ` ${cause}`}`);

const evidence = (findings: readonly Finding[]) =>
  findings
    .flatMap((one) => one.evidence ?? [])
    .map(({ en }) => en)
    .join("\n");

function knock(address: string, code: string | null): Knock {
  const family = address.includes(":") ? 6 : 4;
  return { address, family, port: 587, code, ms: 3, greeting: null, closed: false };
}

/** What was seen when one knocked at these addresses. */
function reached(...own: readonly Knock[]): Pick<Facts, "reach"> {
  const controls = { web: [], elsewhere: [], others: [], nowhere: [] };
  return { reach: seen({ own, ports: [], controls, routes: { v4: true, v6: false } }) };
}

describe("no address", () => {
  test.concurrent.each<[string, Staged, string]>([
    [
      "no such name, at a server of one's own",
      { setting: settingOf("mail.own.example"), system: noSuchName, zones: [zone("NXDOMAIN")] },
      "names fail dns.nxdomain",
    ],
    [
      "nearly a known host",
      { setting: settingOf("smtp.gmial.com"), system: noSuchName, zones: [zone("NXDOMAIN")] },
      "names fail config.host-typo",
    ],
    [
      "a name without an address",
      { system: noAddress, zones: [zone([])] },
      "names fail dns.no-address-record",
    ],
    ["SERVFAIL", { system: tryAgain, zones: [zone("SERVFAIL")] }, "names fail dns.servfail"],
    ["REFUSED", { system: tryAgain, zones: [() => "REFUSED"] }, "names fail dns.servfail"],
    ["silence", { system: tryAgain, zones: [() => "silence"] }, "names fail dns.timeout"],
    ["nobody there", { system: tryAgain, deaf: true }, "names fail dns.resolver-unreachable"],
    [
      "a search list is not to blame for a name server that is silent",
      {
        system: tryAgain,
        zones: [() => "silence", zone([truth])],
        options: "search corp.example\noptions ndots:5",
      },
      "names fail dns.timeout",
    ],
    [
      "one that fails says more than one that is silent",
      { system: tryAgain, zones: [() => "silence", zone("SERVFAIL")] },
      "names fail dns.servfail",
    ],
    [
      "one that is silent says more than one that is not there",
      { system: tryAgain, zones: [() => "silence"], deaf: true },
      "names fail dns.timeout",
    ],
    [
      "a name server that knows no name at all",
      { system: noSuchName, zones: [() => "NXDOMAIN"] },
      "names fail dns.resolver-unreachable",
    ],
    [
      "the first silent for too long, the second good",
      { system: tryAgain, zones: [() => "silence", zone([truth])] },
      "names fail dns.timeout",
    ],
    [
      "the first denies what the second knows",
      { system: noSuchName, zones: [zone("NXDOMAIN"), zone([truth])] },
      "names fail dns.lookup-and-resolver-disagree",
    ],
    [
      "a system that does not ask its name servers",
      { system: noSuchName, zones: [zone([truth])] },
      "names fail dns.lookup-and-resolver-disagree",
    ],
    [
      "a search list that breaks the name, which the closing dot mends",
      {
        system: async (host) => (host.endsWith(".") ? finds(truth)(host) : tryAgain(host)),
        zones: [zone([truth])],
        options: "search corp.example\noptions ndots:5",
      },
      "names fail dns.search-domain-ndots",
    ],
  ])("%s", async (_, staged, told) => {
    expect(brief(await read(staged))).toEqual([told]);
  });

  test.concurrent("one name fails, and a control tells that the name server works", async () => {
    const findings = await read({ system: tryAgain, zones: [zone("SERVFAIL")] });
    expect(evidence(findings)).toContain("example.com is found at the same name server");
    const refusing = await read({ system: tryAgain, zones: [() => "REFUSED"] });
    expect(evidence(refusing)).toContain("so the name server itself is at fault");
  });

  test("a proxy's name is not taken for the mail server's", async () => {
    const proxy = { kind: "socks5", host: "proxy.own.example", port: 1080 } as const;
    const setting = settingOf("smtp.qq.com", 587, { proxy });
    const findings = await read({ setting, system: noSuchName, zones: [zone([truth])] });
    expect(findings).toMatchObject([{ layer: "proxy", cause: "proxy.unreachable", status: "fail" }]);
  });

  test("what is over is over: the look ends at once and names nothing wrong", async () => {
    const never: Lookup = () => new Promise(() => undefined);
    const facts = await look({ system: never, zones: [() => "silence"], ended: AbortSignal.abort() });
    expect(facts.system).toMatchObject({ addresses: [], code: "TIMEOUT" });
    expect(facts.servers[0]?.a.code).toBe("ECANCELLED");
  });
});

describe("a wrong address", () => {
  const astray = (address: string) => reached(knock(address, "ECONNREFUSED"));

  test.concurrent.each<[string, Staged, Partial<Facts>, string]>([
    [
      "0.0.0.0",
      { system: finds("0.0.0.0"), zones: [zone(["0.0.0.0"])] },
      astray("0.0.0.0"),
      "fail dns.sinkholed",
    ],
    ["this machine", { system: finds("127.0.0.1"), zones: [zone(["127.0.0.1"])] }, {}, "fail dns.sinkholed"],
    [
      "a private address, and nobody answers there",
      { system: finds("10.1.1.1"), zones: [zone(["10.1.1.1"])] },
      astray("10.1.1.1"),
      "fail dns.sinkholed",
    ],
    [
      "a private address, and nobody has tried",
      { system: finds("10.1.1.1"), zones: [zone(["10.1.1.1"])] },
      {},
      "warn dns.sinkholed",
    ],
    [
      "a name server that answers every name",
      { setting: settingOf("mail.own.example"), system: finds("192.0.2.8"), zones: [() => ["192.0.2.8"]] },
      {},
      "fail dns.sinkholed",
    ],
    [
      "the hosts file of long ago",
      { system: finds("203.0.113.99"), zones: [zone([truth])], hosts: "# old\n203.0.113.99 smtp.qq.com" },
      astray("203.0.113.99"),
      "fail dns.lookup-and-resolver-disagree",
    ],
    [
      "a hosts file against advertisements",
      { system: finds("0.0.0.0"), zones: [zone([truth])], hosts: "0.0.0.0 smtp.qq.com" },
      astray("0.0.0.0"),
      "fail dns.lookup-and-resolver-disagree",
    ],
    [
      "a name service of the system that knows better",
      { system: finds("10.2.2.2"), zones: [zone([truth])] },
      astray("10.2.2.2"),
      "fail dns.lookup-and-resolver-disagree",
    ],
    [
      "a search domain that answers everything",
      {
        setting: settingOf("mail.own.example"),
        system: async (host) => finds(host.endsWith(".") ? truth : "10.3.3.3")(host),
        zones: [zone([truth])],
        options: "search corp.example\noptions ndots:5",
      },
      astray("10.3.3.3"),
      "fail dns.search-domain-ndots",
    ],
    [
      "IPv6 alone, and no way for it",
      { system: finds("2001:db8::7"), zones: [zone(["2001:db8::7"])] },
      reached(knock("2001:db8::7", "ENETUNREACH")),
      "fail dns.ipv6-only-answer-no-route",
    ],
  ])("%s", async (_, staged, more, told) => {
    expect(brief(await read(staged, more))).toEqual([`names ${told}`]);
  });

  test("the line of the hosts file is named", async () => {
    const hosts = "127.0.0.1 localhost\n\n203.0.113.99 smtp.qq.com # since 2019";
    const findings = await read({ system: finds("203.0.113.99"), zones: [zone([truth])], hosts });
    expect(findings[0]?.detail).toEqual({
      en: "Line 3 of the hosts file sends smtp.qq.com to 203.0.113.99",
      zh: "hosts 文件第 3 行把 smtp.qq.com 指向 203.0.113.99",
    });
    expect(findings[0]).toMatchObject({ status: "warn", values: { wanted: { en: truth } } });
    expect(findings[0]?.values?.found).toMatchObject({ en: "203.0.113.99, by line 3 of the hosts file" });
  });

  test.concurrent.each<[string, Staged]>([
    ["a relay of the house", { system: finds("10.1.1.1"), zones: [zone(["10.1.1.1"])] }],
    ["a proxy program's substitute", { system: finds("198.18.0.9"), zones: [zone(["198.18.0.9"])] }],
    [
      "a search domain",
      {
        system: async (host) => finds(host.endsWith(".") ? truth : "10.3.3.3")(host),
        zones: [zone([truth])],
      },
    ],
    ["a name server that answers everything", { system: finds("192.0.2.8"), zones: [() => ["192.0.2.8"]] }],
  ])("an odd address that works is right: %s", async (_, staged) => {
    const findings = await read(staged, { walk: passedWalk() });
    expect(findings.filter(({ status }) => status === "fail" || status === "warn")).toEqual([]);
  });
});

test("an odd address at which one could sign in is not what is wrong", async () => {
  const refused = judgeLocal({ cause: "auth.bad-credentials", message: "535 no", stage: "auth" });
  for (const staged of [
    { system: finds("10.1.1.1"), zones: [zone(["10.1.1.1"])] },
    { system: finds("192.0.2.8"), zones: [() => ["192.0.2.8"]] },
  ]) {
    const findings = await read(staged, { walk: passedWalk(refused) });
    expect(findings.map(({ status }) => status)).not.toContain("fail");
  }
  const elsewhere = judgeLocal({ cause: "cert.hostname-mismatch", message: "another name", stage: "tls" });
  const findings = await read(
    { system: finds("10.1.1.1"), zones: [zone(["10.1.1.1"])] },
    { walk: passedWalk(elsewhere) },
  );
  expect(findings).toMatchObject([{ status: "fail", cause: "dns.sinkholed" }]);
  expect(findings[0]?.explains).toContain("cert.hostname-mismatch");
});

describe("all well", () => {
  test.concurrent.each<[string, Staged]>([
    ["one address", { system: finds(truth), zones: [zone([truth])] }],
    [
      "several, of both families",
      { system: finds(truth, "2001:db8::7"), zones: [zone([truth, "2001:db8::7"])] },
    ],
    ["an address instead of a name", { setting: settingOf("127.0.0.1"), system: noSuchName }],
    ["localhost", { setting: settingOf("localhost"), system: finds("::1", "127.0.0.1"), zones: [zone([])] }],
    [
      "one's own server by the hosts file",
      {
        setting: settingOf("mail.own.example"),
        system: finds("127.0.1.1"),
        hosts: "127.0.1.1 mail.own.example",
        deaf: true,
      },
    ],
    [
      "a provider that spreads its load: the second answer differs",
      { system: finds("203.0.113.8"), zones: [zone([truth])] },
    ],
    [
      "one's own server in one's own network",
      { setting: settingOf("mail.own.example"), system: finds("10.0.0.5"), zones: [zone(["10.0.0.5"])] },
    ],
  ])("%s", async (_, staged) => {
    const findings = await read(staged, reached(knock(truth, null)));
    expect(findings.map(({ status }) => status)).not.toContain("fail");
    expect(findings.map(({ status }) => status)).not.toContain("warn");
  });

  test("a healthy name is asked once, without controls", async () => {
    const server = await startNameServer(zone([truth]));
    const asked = look({ system: finds(truth), options: `nameserver ${server.at}` });
    const facts = await asked.finally(() => server.close());
    expect(facts).toMatchObject({ control: null, nonsense: null });
    expect(new Set(server.asked)).toEqual(new Set(["smtp.qq.com"]));
  });
});

describe("one name server among several", () => {
  test.concurrent.each<[string, Staged, string]>([
    ["silent", { system: finds(truth), zones: [zone([truth]), () => "silence"] }, "dns.timeout"],
    ["dead", { system: finds(truth), zones: [zone([truth])], deaf: true }, "dns.resolver-unreachable"],
    ["refusing", { system: finds(truth), zones: [() => "REFUSED", zone([truth])] }, "dns.servfail"],
    ["failing", { system: finds(truth), zones: [() => "SERVFAIL", zone([truth])] }, "dns.servfail"],
    [
      "of another opinion",
      { system: finds(truth), zones: [zone([truth]), zone("NXDOMAIN")] },
      "dns.lookup-and-resolver-disagree",
    ],
  ])("%s is a warning", async (_, staged, cause) => {
    expect(brief(await read(staged))).toEqual(["names ok", `name-servers warn ${cause}`]);
  });
});

/** Facts that no machine would bring back. */
const answered = fc.record({
  values: fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 3 }),
  code: fc.option(
    fc.constantFrom("ENOTFOUND", "ENODATA", "ESERVFAIL", "EREFUSED", "ETIMEOUT", "ECONNREFUSED", "x"),
  ),
  ms: fc.nat(10_000),
});
const asked = fc.option(fc.record({ name: fc.string(), answer: answered }));
const system = fc.record({
  addresses: fc.array(
    fc.oneof(
      fc.record({ address: fc.ipV4(), family: fc.constant(4 as const) }),
      fc.record({ address: fc.ipV6(), family: fc.constant(6 as const) }),
    ),
    { maxLength: 3 },
  ),
  code: fc.option(fc.constantFrom("ENOTFOUND", "EAI_AGAIN", "TIMEOUT", "ENODATA")),
  errno: fc.option(fc.constantFrom(-3008, -3007, -3001)),
  ms: fc.nat(10_000),
});
const host = fc.constantFrom("smtp.qq.com", "smtp.gmial.com", "mail.own.example", "localhost", "", "a b");
const names: fc.Arbitrary<NameFacts> = fc.record({
  host,
  literal: fc.boolean(),
  system,
  servers: fc.array(fc.record({ server: fc.string(), a: answered, aaaa: answered }), { maxLength: 3 }),
  hosts: fc.array(fc.record({ line: fc.nat(), address: fc.ipV4() }), { maxLength: 2 }),
  search: fc.array(fc.string(), { maxLength: 2 }),
  ndots: fc.nat(15),
  control: asked,
  nonsense: asked,
});
const own = fc.array(
  fc.record({
    address: fc.ipV4(),
    code: fc.option(fc.constantFrom("TIMEOUT", "ECONNREFUSED", "ENETUNREACH")),
  }),
  { maxLength: 3 },
);

test("whatever was seen, reading never throws and names at most one failing cause", () => {
  fc.assert(
    fc.property(names, fc.option(system), own, fc.boolean(), (facts, absolute, knocks, passed) => {
      const findings = readNames(
        factsOf(settingOf(facts.host === "" ? "x" : facts.host), {
          names: seen(absolute === null ? facts : { ...facts, absolute }),
          ...reached(...knocks.map(({ address, code }) => knock(address, code))),
          ...(passed ? { walk: passedWalk() } : {}),
        }),
      );
      expect(findings.length).toBeGreaterThan(0);
      const failing = findings.filter(({ status }) => status === "fail");
      expect(failing.length).toBeLessThanOrEqual(1);
      if (passed && facts.system.addresses.length > 0) expect(failing).toEqual([]);
      for (const { detail, probe, cause, status } of findings) {
        expect(probes).toContain(probe);
        expect(detail.en).not.toMatch(/undefined|null|\.$/);
        expect(detail.zh).not.toMatch(/undefined|null|。$/);
        if (status === "ok") expect(cause).toBeUndefined();
      }
    }),
    { numRuns: 500 },
  );
});
