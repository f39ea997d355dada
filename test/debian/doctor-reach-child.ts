// Inside a namespace: the doctor's looks at ports, and what is read from them on several kinds of machine.
import { createInterface } from "node:readline";
import type { MachineFacts } from "../../src/doctor/facts.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { factsOf, seen, settingOf } from "../../src/doctor/names/facts.fixture.ts";
import { lookAtControls, lookAtReach } from "../../src/doctor/reach/look.ts";
import { readReach } from "../../src/doctor/reach/reading.ts";
import { here } from "../../src/doctor/surroundings.ts";
import { providerOfHost } from "../../src/providers/hosts.ts";

export interface ReachQuestion {
  readonly host: string;
  readonly port: number;
  readonly machine?: Partial<MachineFacts>;
}

const plain: MachineFacts = {
  platform: null,
  platformBy: null,
  container: null,
  serverless: false,
  system: { name: "linux", libc: "glibc" },
  proxies: [],
};

async function diagnose({ host, port, machine }: ReachQuestion): Promise<readonly Finding[]> {
  const surroundings = here(AbortSignal.timeout(15_000), true);
  const setting = settingOf(host, port, { provider: providerOfHost(host) });
  const first = await lookAtReach(setting, surroundings);
  const reach = await lookAtControls(setting, surroundings, first);
  return readReach(factsOf(setting, { reach: seen(reach), machine: seen({ ...plain, ...machine }) }));
}

for await (const line of createInterface({ input: process.stdin })) {
  const questions = JSON.parse(line) as readonly ReachQuestion[];
  console.log(JSON.stringify(await Promise.all(questions.map(diagnose))));
}
