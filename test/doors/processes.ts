// Runs Postrider as people do: as processes, each in a group of its own that is gone when the test ends.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";
import type { Endpoint } from "../../src/smtp/endpoint.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const bin = join(root, "bin/postrider.js");

/** A directory that lives as long as the test. `finished` is `onTestFinished` unless it outlives one test. */
export function freshDirectory(finished: Finished = onTestFinished): string {
  const directory = mkdtempSync(join(tmpdir(), "postrider-doors-"));
  finished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Registers what is to happen at the end: `onTestFinished`, or `afterAll` for what several tests share. */
export type Finished = (end: () => Promise<void> | void) => void;

export interface Run {
  readonly args: readonly string[];
  /** Default: this file's own Node with `bin/postrider.js`. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

export interface Outcome {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Nothing of the caller's own settings, and no colour forced on. */
function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  return { PATH, HOME, LANG: "C.UTF-8", ...(TMPDIR === undefined ? {} : { TMPDIR }), ...extra };
}

export function start(run: Run, finished: Finished = onTestFinished): Child {
  const [command, ...before] = run.command ?? [process.execPath, bin];
  const child = spawn(command!, [...before, ...run.args], {
    env: environment(run.env),
    cwd: run.cwd ?? root,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  finished(() => killGroup(child, "SIGKILL"));
  // A process that never reads its input is no fault of the test's.
  child.stdin.on("error", () => undefined);
  child.stdin.end(run.input ?? "");
  return child;
}

export function killGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Longer than anything here takes on a busy machine; milliseconds. */
const patience = 60_000;

export function outcomeOf(child: Child): Promise<Outcome> {
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      killGroup(child, "SIGKILL");
      reject(new Error(`it did not end within ${patience} ms\n${out}\n${err}`));
    }, patience);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, out, err });
    });
  });
}

/** Runs a command of the CLI to its end. */
export function postrider(
  args: readonly string[],
  run: Omit<Run, "args"> = {},
  finished: Finished = onTestFinished,
): Promise<Outcome> {
  return outcomeOf(start({ ...run, args }, finished));
}

export interface Started<Announced> {
  /** What it said first, under --json. */
  readonly said: Announced;
  readonly child: Child;
  /** What it has written so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves when the process is gone. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a command that runs until it is stopped, and resolves with the JSON value it announces itself with. */
export function startAnnouncing<Announced>(
  run: Run,
  finished: Finished = onTestFinished,
): Promise<Started<Announced>> {
  const child = start(run, finished);
  let out = "";
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    err += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      killGroup(child, "SIGKILL");
      reject(new Error(`it did not announce itself within ${patience} ms\n${out}\n${err}`));
    }, patience);
    child.on("error", reject);
    void ended.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(new Error(`it ended (${code ?? signal}) before it announced itself\n${out}\n${err}`));
    });
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk;
      const said = parsed<Announced>(out);
      if (said === null) return;
      clearTimeout(timer);
      resolve({ said, child, ended, out: () => out, err: () => err });
    });
  });
}

/** The value that a text is, or begins with on its first line; null while it is not complete. */
function parsed<Value>(text: string): Value | null {
  for (const candidate of [text, text.split("\n")[0] ?? ""]) {
    try {
      return JSON.parse(candidate) as Value;
    } catch {
      // Not complete yet.
    }
  }
  return null;
}

export interface Serving {
  readonly url: string;
  readonly data: string;
  readonly sandbox: Endpoint;
  readonly pid: number;
}

/** A server on a port of the system's choice. */
export function serve(
  data: string,
  run: Partial<Run> = {},
  finished: Finished = onTestFinished,
): Promise<Started<Serving>> {
  return startAnnouncing(
    {
      ...run,
      args: ["serve", "--json", "--http", "127.0.0.1:0", "--data", data, ...(run.args ?? [])],
    },
    finished,
  );
}

export interface RunningReplica {
  readonly endpoints: readonly Endpoint[];
  readonly provider: string | null;
  readonly fault: string | null;
  readonly username: string | null;
  readonly secret: string | null;
  readonly accessToken: string | null;
  readonly ca: string;
}

/** `postrider sandbox --as ...` as a process; its address, what it accepts and what to trust. */
export async function replica(
  args: readonly string[],
  finished: Finished = onTestFinished,
): Promise<RunningReplica> {
  const { said } = await startAnnouncing<RunningReplica>(
    { args: ["sandbox", "--json", "--port", "0", ...args] },
    finished,
  );
  return said;
}

/** The flags of a setting that reaches a replica by its endpoint of this security, and the secret for the environment. */
export function towards(
  running: RunningReplica,
  security?: Endpoint["security"],
): { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const endpoint =
    security === undefined
      ? running.endpoints[0]
      : running.endpoints.find((candidate) => candidate.security === security);
  if (endpoint === undefined) throw new Error(`the replica has no endpoint with security ${security}`);
  return {
    flags: [
      ...(running.provider === null ? [] : ["--provider", running.provider]),
      ...["--host", endpoint.host, "--port", String(endpoint.port), "--security", endpoint.security],
      ...(running.username === null ? [] : ["--username", running.username]),
      ...["--ca", running.ca],
    ],
    env: running.secret === null ? {} : { POSTRIDER_PASSWORD: running.secret },
  };
}

/** What a command printed under --json. */
export function json<Value>(outcome: Outcome): Value {
  try {
    return JSON.parse(outcome.out) as Value;
  } catch (error) {
    throw new Error(`no JSON came (exit code ${outcome.code})\n${outcome.out}\n${outcome.err}`, {
      cause: error,
    });
  }
}

/** The error a command reported on standard error under --json. */
export function jsonError(outcome: Outcome): { readonly name: string; readonly message: string } {
  const line = outcome.err.trim().split("\n").at(-1) ?? "";
  return (JSON.parse(line) as { error: { name: string; message: string } }).error;
}

/** For what every test of a file shares: ends when the last one has, in reverse order. */
export function sharedByTheFile(): Finished {
  const ends: Parameters<Finished>[0][] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return (end) => ends.push(end);
}

/** A key, made by the command line as a person makes it. */
export async function makeKey(
  data: string,
  permission: "full" | "sending",
  finished: Finished = onTestFinished,
): Promise<string> {
  const args = ["key", "create", permission, "--permission", permission, "--data", data];
  const { code, out, err } = await postrider(args, {}, finished);
  if (code !== 0) throw new Error(err);
  return out.trim();
}
