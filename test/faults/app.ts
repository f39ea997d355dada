// An application with Postrider inside, as a process of its own; what it promised goes into the trial's ledger.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Route } from "../../src/accounts/routes.ts";
import type { Lane } from "../../src/messages/lanes.ts";
import type { RecipientState } from "../../src/messages/states.ts";
import type { DeliveryEvent, PostriderOptions, Removed } from "../../src/postrider.ts";
import type { Depth } from "../../src/queue/store.ts";
import type { Steering } from "./steering.ts";
import type { Trial } from "./trial.ts";

export interface AppSetting
  extends Pick<
    PostriderOptions,
    "accounts" | "connecting" | "database" | "deliver" | "env" | "leaseMs" | "retention"
  > {
  readonly routes?: readonly Route[];
  /** The events that the parent wants to hear of. */
  readonly tell?: readonly DeliveryEvent["type"][];
}

/** Messages to be accepted, one after another on `width` ways. */
export interface Run {
  /** Part of the addresses, `name-nth-at@example.net`, and of the subject. */
  readonly name: string;
  readonly count: number;
  /** Taken in turns, as `recipients` are. */
  readonly lanes: readonly Lane[];
  /** How many recipients a message has. Default one each. */
  readonly recipients?: readonly number[];
  /** These recipients instead, for each message. */
  readonly to?: readonly string[];
  readonly from?: string;
  readonly route?: string;
  readonly origin?: string;
  /** Each with an idempotency key, `name-nth`: the same run again is the same messages. */
  readonly keyed?: boolean;
  /** Every other one as bytes of the application's own making. */
  readonly raw?: boolean;
  /** Size of the content, in units of about half a KiB. Default 1. */
  readonly bodies?: number;
  readonly width?: number;
  /** How long it may take. Default: by the lane. */
  readonly lifetimeMs?: number;
  /** Scheduled for so much later. */
  readonly delayMs?: number;
  /** Ends with the first refusal on each way. */
  readonly untilRefused?: boolean;
  /** What is refused is sent again after a moment, until it is accepted. */
  readonly untilAccepted?: boolean;
  /** What is accepted is not counted as promised. */
  readonly silent?: boolean;
}

export interface RunResult {
  readonly accepted: number;
  /** By the problem that was told. */
  readonly refused: Readonly<Record<string, number>>;
  /** Of what was accepted; empty for a run of more than 1,000. */
  readonly ids: readonly string[];
}

export type Command =
  | { readonly do: "send"; readonly run: Run }
  | { readonly do: "steer"; readonly to: Steering }
  | { readonly do: "resume"; readonly account: string }
  | { readonly do: "account"; readonly name: string }
  | { readonly do: "depth" | "idle" | "prune" | "unready" }
  | { readonly do: "states" | "attempts"; readonly id: string }
  | { readonly do: "close"; readonly graceMs: number };

export interface App {
  readonly pid: number;
  /** Those asked for, in order. */
  readonly events: readonly DeliveryEvent[];
  /** Problems that acceptance was refused with. */
  readonly refused: readonly string[];
  send(run: Run): Promise<RunResult>;
  steer(to: Steering): Promise<void>;
  /** How many recipients were let go. */
  resume(account: string): Promise<number>;
  depth(): Promise<readonly Depth[]>;
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>;
  states(id: string): Promise<readonly (readonly [address: string, state: RecipientState])[]>;
  attempts(
    id: string,
  ): Promise<readonly { readonly account: string | null; readonly events: readonly string[] }[]>;
  /** The cause it is parked for; null when it is not. */
  parkedFor(account: string): Promise<string | null>;
  /** Why it is not ready, as `GET /readyz` says it; empty when it is. */
  unready(): Promise<readonly string[]>;
  /** Removes what is no longer kept, and gives its space back. */
  prune(): Promise<Removed>;
  /** Closes Postrider and ends. */
  close(graceMs?: number): Promise<void>;
  /** SIGKILL; resolves when it is gone and all that it said is read. */
  kill(): Promise<void>;
}

export interface AppOptions extends AppSetting {
  /** Default: the trial's own directory. */
  readonly data?: string;
  /** Modules of this directory to load first. */
  readonly preload?: readonly string[];
  /** Called with each promise. */
  readonly onPromise?: (messageId: string, recipients: readonly string[]) => void;
}

const script = fileURLToPath(new URL("app-child.ts", import.meta.url));

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface Starting {
  /** Resolves when it is open. */
  readonly ready: Promise<App>;
  /** Also while it starts. */
  kill(): Promise<void>;
}

/** Resolves when the application has opened its data directory. */
export function startApp(trial: Trial, options: AppOptions): Promise<App> {
  return beginApp(trial, options).ready;
}

export function beginApp(trial: Trial, { preload = [], onPromise, ...setting }: AppOptions): Starting {
  const imports = preload.flatMap((module) => ["--import", new URL(module, import.meta.url).href]);
  const child = spawn(
    process.execPath,
    [...imports, script, JSON.stringify({ data: trial.directory, ...setting })],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  child.stdin.on("error", () => undefined);
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaints = (complaints + chunk).slice(-4_000);
  });
  let expected = false;
  const asked = new Map<number, Asked>();
  const ready = Promise.withResolvers<void>();
  const ended = new Promise<void>((resolve) => {
    child.on("close", (code, signal) => {
      resolve();
      const gone = new Error(`the application ended (${code ?? signal})\n${complaints}`);
      ready.reject(gone);
      for (const { reject } of asked.values()) reject(gone);
      if (!expected) trial.fail(gone);
      trial.changed();
    });
  });
  const kill = () => {
    expected = true;
    child.kill("SIGKILL");
    return ended;
  };
  onTestFinished(kill);

  const events: DeliveryEvent[] = [];
  const refused: string[] = [];
  const heard: Readonly<Record<string, (value: never) => void>> = {
    ready: () => ready.resolve(),
    accepted: ([messageId, ...recipients]: readonly [string, ...string[]]) => {
      trial.ledger.promise(messageId, recipients);
      onPromise?.(messageId, recipients);
    },
    refused: (problem: string) => void refused.push(problem),
    event: (event: DeliveryEvent) => void events.push(event),
    answer: ([nth, value]: readonly [number, unknown]) => {
      asked.get(nth)?.resolve(value);
      asked.delete(nth);
    },
    wrong: ([nth, message]: readonly [number, string]) => {
      const mistake = new Error(message);
      asked.get(nth)?.reject(mistake);
      asked.delete(nth);
      trial.fail(mistake);
    },
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    const space = line.indexOf(" ");
    const hear = heard[line.slice(0, space)];
    const value = parsed(line.slice(space + 1));
    if (hear !== undefined && value !== undefined) hear(value as never);
    // Who is killed may be in the middle of a word.
    else if (!expected) trial.fail(new Error(`the application said ${line.slice(0, 200)}`));
    trial.changed();
  });

  let count = 0;
  const ask = <Value>(command: Command): Promise<Value> => {
    const nth = count;
    count += 1;
    return new Promise((resolve, reject) => {
      asked.set(nth, { resolve: (value) => resolve(value as Value), reject });
      child.stdin.write(`${JSON.stringify({ nth, command })}\n`);
    });
  };
  const app: App = {
    pid: child.pid!,
    events,
    refused,
    send: (run) => ask({ do: "send", run }),
    steer: (to) => ask({ do: "steer", to }),
    resume: (account) => ask({ do: "resume", account }),
    depth: () => ask({ do: "depth" }),
    idle: () => ask({ do: "idle" }),
    states: (id) => ask({ do: "states", id }),
    attempts: (id) => ask({ do: "attempts", id }),
    prune: () => ask({ do: "prune" }),
    unready: () => ask({ do: "unready" }),
    parkedFor: (name) => ask({ do: "account", name }),
    async close(graceMs = 10_000) {
      expected = true;
      await ask({ do: "close", graceMs });
      await ended;
    },
    kill,
  };
  const opened = ready.promise.then(() => app);
  // Nobody may be waiting for it when the process is killed while it starts.
  opened.catch(() => undefined);
  return { ready: opened, kill };
}

/** Undefined for half a value. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
