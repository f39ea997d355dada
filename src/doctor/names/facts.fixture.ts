// Facts to read from: nothing was seen but what a test says.

import type { Verdict } from "../../causes/verdict.ts";
import { provider } from "../../providers/catalogue.ts";
import type { Facts, Look, WalkFacts } from "../facts.ts";
import type { Setting } from "../test.ts";

export function seen<T>(facts: T): Look<T> {
  return { seen: facts, ms: 1 };
}

const unseen = { seen: null, ms: 0, why: "unneeded" } as const;

export function settingOf(host: string, port = 587, more: Partial<Setting> = {}): Setting {
  return {
    provider: null,
    endpoint: { host, port, security: port === 465 ? "tls" : port === 25 ? "none" : "starttls" },
    serverName: null,
    credentials: null,
    secret: {},
    from: null,
    ca: [],
    proxy: null,
    ...more,
  };
}

/** The first endpoint of a provider on this port. */
export function settingFor(id: string, port: number): Setting {
  const known = provider(id);
  const endpoint = known.endpoints.find((one) => one.port === port);
  if (endpoint === undefined) throw new Error(`${id} has no port ${port}`);
  return settingOf(endpoint.host, port, { provider: known, endpoint });
}

export function factsOf(setting: Setting, more: Partial<Facts> = {}): Facts {
  return {
    setting,
    at: 0,
    names: unseen,
    reach: unseen,
    firewall: unseen,
    machine: unseen,
    runtime: unseen,
    tls: unseen,
    chain: unseen,
    clock: unseen,
    walk: unseen,
    sender: unseen,
    ...more,
  };
}

/** A dialogue that went well to its end, or ended in `verdict`, as far as readings of names and ports ask. */
export function passedWalk(verdict: Verdict | null = null): Look<WalkFacts> {
  return seen({
    result: {
      ok: verdict === null,
      cause: verdict?.cause ?? null,
      scope: null,
      stage: null,
      remedy: null,
      steps: [],
      transcript: [],
      verdict,
    },
    failure: null,
    verdict,
    greeting: null,
    greetingMs: null,
    clear: null,
    secured: null,
    protocol: null,
    cipher: null,
    chain: [],
    peer: "192.0.2.7:587",
    signIns: [],
    size: null,
  });
}
