// What every node should know of accounts and endpoints: that one rests, that one cannot be reached, and who asks it next.
import { createHash } from "node:crypto";
import type { Verdict } from "../causes/verdict.ts";
import type { Documents, QueueStore } from "../queue/store.ts";

/** As it is stored, from when it begins until it passes. */
export interface Condition {
  /** The account's login, or what accounts have in common that cannot reach an endpoint. */
  readonly key: string;
  /** How many in a row, and when the last was. */
  readonly failures: number;
  readonly failedAt: number;
  /** Nothing is tried before. */
  readonly until: number;
  readonly verdict: Verdict;
  /** Who tries first after that, and until when the others leave it to that one. */
  readonly probe: { readonly owner: string; readonly until: number } | null;
}

export type Setback = Omit<Condition, "key" | "probe">;

/** As named among documents. */
export type ConditionName = `account:${string}` | `endpoint:${string}`;

export interface ConditionsOptions {
  readonly documents: Documents;
  /** Names this process to the others. */
  readonly owner: string;
  readonly now: () => number;
  /** It is another now; null when it has passed. Also told of what this process wrote, where others had more to say. */
  readonly onChange: (name: ConditionName, condition: Condition | null) => void;
}

const kind = "condition";
/** How long the others leave it to one: longer than most connections take to fail. Milliseconds. */
const probeMs = 30_000;
/** One that nobody has asked about for so long after its end says nothing any more. Milliseconds. */
const forgottenAfter = 24 * 60 * 60_000;
/** In place of a body that is not yet stored. */
const unwritten = "";
/** A write that others come before so often is left: they know as much. */
const mostTries = 5;

export function accountCondition(account: string): ConditionName {
  return `account:${account}`;
}

export function endpointCondition(key: string): ConditionName {
  return `endpoint:${createHash("sha256").update(key).digest("hex").slice(0, 32)}`;
}

/** What cannot be read or written is only less shared: nothing waits for it but who may ask first. */
export class Conditions {
  readonly #options: ConditionsOptions;
  readonly #known = new Map<ConditionName, { readonly body: string; readonly condition: Condition }>();
  /** What is still to be written; the last word counts. */
  readonly #wanted = new Map<ConditionName, Condition | null>();
  readonly #writing = new Map<ConditionName, Promise<void>>();

  constructor(options: ConditionsOptions) {
    this.#options = options;
  }

  find(name: ConditionName): Condition | null {
    return this.#known.get(name)?.condition ?? null;
  }

  /** Reads all there are. Throws StoreError. */
  async load(): Promise<void> {
    const { documents, now } = this.#options;
    const stored = new Map<ConditionName, string>();
    for (const { name, body } of await documents.list(kind)) {
      if (parsed(body).until > now() - forgottenAfter) stored.set(name as ConditionName, body);
      else await documents.delete(kind, name);
    }
    for (const name of [...this.#known.keys()]) if (!stored.has(name)) this.#adopt(name, null);
    for (const [name, body] of stored) this.#adopt(name, body);
  }

  /** Takes over what others have written. */
  changed: NonNullable<Parameters<QueueStore["watch"]>[0]["onDocuments"]> = (changed) => {
    // The next change, or who asks first, finds what could not be read now.
    if (changed === null) this.load().catch(() => undefined);
    for (const each of changed ?? []) {
      if (each.kind !== kind) continue;
      const name = each.name as ConditionName;
      this.#read(name).catch(() => undefined);
    }
  };

  /** It has begun, or lasts longer. */
  began(name: ConditionName, key: string, setback: Setback): void {
    this.#want(name, { key, ...setback, probe: null });
  }

  /** It has passed. */
  passed(name: ConditionName): void {
    if (this.#known.has(name)) this.#want(name, null);
  }

  /** Whether this process is the one to ask. When storage cannot say, it is: mail does not wait for that. */
  async mayAsk(name: ConditionName): Promise<boolean> {
    const { documents, owner, now } = this.#options;
    try {
      await this.#writing.get(name);
      const seen = await documents.get(kind, name);
      this.#adopt(name, seen);
      if (seen === null) return true;
      const condition = parsed(seen);
      const { until, probe } = condition;
      const theirs = probe !== null && probe.owner !== owner && probe.until > now();
      if (until > now() || theirs) return false;
      const body = JSON.stringify({ ...condition, probe: { owner, until: now() + probeMs } });
      if (await documents.replace(kind, name, seen, body)) {
        this.#known.set(name, { body, condition: parsed(body) });
        return true;
      }
      await this.#read(name);
      return false;
    } catch {
      return true;
    }
  }

  /** Resolves when all is written that can be. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  async #read(name: ConditionName): Promise<void> {
    const body = await this.#options.documents.get(kind, name);
    this.#adopt(name, body);
  }

  /** Not over what this process is just writing, which is newer. */
  #adopt(name: ConditionName, body: string | null): void {
    if (this.#writing.has(name)) return;
    const known = this.#known.get(name);
    if (known?.body === body || (known === undefined && body === null)) return;
    if (body === null) {
      this.#known.delete(name);
      this.#options.onChange(name, null);
      return;
    }
    const condition = parsed(body);
    this.#known.set(name, { body, condition });
    this.#options.onChange(name, condition);
  }

  #want(name: ConditionName, condition: Condition | null): void {
    this.#wanted.set(name, condition);
    if (condition === null) this.#known.delete(name);
    else this.#known.set(name, { body: unwritten, condition });
    if (!this.#writing.has(name)) this.#writing.set(name, this.#writeAll(name));
  }

  async #writeAll(name: ConditionName): Promise<void> {
    // Not before it stands among those that are being written.
    await null;
    while (this.#wanted.has(name)) await this.#write(name).catch(() => this.#wanted.delete(name));
    this.#writing.delete(name);
    // What was heard of meanwhile was left aside.
    await this.#read(name).catch(() => undefined);
  }

  async #write(name: ConditionName): Promise<void> {
    const { documents } = this.#options;
    for (let tries = 0; tries < mostTries; ) {
      const wanted = this.#wanted.get(name);
      if (wanted === undefined) return;
      this.#wanted.delete(name);
      if (wanted === null) {
        await documents.delete(kind, name);
        continue;
      }
      const seen = await documents.get(kind, name);
      const condition = seen === null ? wanted : longer(parsed(seen), wanted);
      const body = JSON.stringify(condition);
      const written =
        seen === null
          ? await documents.insert(kind, name, body)
          : await documents.replace(kind, name, seen, body);
      if (this.#wanted.has(name)) continue;
      // Where others had more to say, it is read again, and told.
      if (written && condition.until === wanted.until) this.#known.set(name, { body, condition });
      if (written) continue;
      this.#wanted.set(name, wanted);
      tries += 1;
    }
    this.#wanted.delete(name);
  }
}

/** Two nodes that failed side by side: who found the longer rest is right, and nobody is asking any more. */
function longer(stored: Condition, found: Condition): Condition {
  const { until, verdict } = stored.until > found.until ? stored : found;
  return {
    key: found.key,
    failures: Math.max(stored.failures, found.failures),
    failedAt: Math.max(stored.failedAt, found.failedAt),
    until,
    verdict,
    probe: null,
  };
}

function parsed(body: string): Condition {
  return JSON.parse(body) as Condition;
}
