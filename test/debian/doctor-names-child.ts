// Inside a namespace: name servers on port 53, and the doctor that asks them by the system's way.
import { createInterface } from "node:readline";
import { factsOf, seen, settingOf } from "../../src/doctor/names/facts.fixture.ts";
import { lookAtNames } from "../../src/doctor/names/look.ts";
import { type Says, startNameServer } from "../../src/doctor/names/name-server.fixture.ts";
import { readNames } from "../../src/doctor/names/reading.ts";
import { lookAtReach } from "../../src/doctor/reach/look.ts";
import { here } from "../../src/doctor/surroundings.ts";
import { providerOfHost } from "../../src/providers/hosts.ts";

export interface NamesQuestion {
  readonly host: string;
  /** What each name server says: of a name, else of its parent domains as `*.domain`, else of `*`. */
  readonly servers: Readonly<Record<string, Readonly<Record<string, Says>>>>;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { host, servers } = JSON.parse(line) as NamesQuestion;
  const running = await Promise.all(
    Object.entries(servers).map(([address, zone]) =>
      startNameServer((name) => zone[name] ?? wildcard(zone, name) ?? zone["*"] ?? "NXDOMAIN", address, 53),
    ),
  );
  const surroundings = here(new AbortController().signal, true);
  const setting = settingOf(host, 587, { provider: providerOfHost(host) });
  const names = await lookAtNames(setting, surroundings);
  const reach = await lookAtReach(setting, surroundings);
  await Promise.all(running.map(({ close }) => close()));
  const findings = readNames(factsOf(setting, { names: seen(names), reach: seen(reach) }));
  console.log(JSON.stringify({ names, findings }));
}

function wildcard(zone: Readonly<Record<string, Says>>, name: string): Says | undefined {
  const labels = name.split(".");
  return labels
    .map((_, at) => zone[`*.${labels.slice(at + 1).join(".")}`])
    .find((says) => says !== undefined);
}
