// The processes of one relay: started together, measured together, ended together.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Accounting, accountingFor, type Cpu, identityOf, type Memory, memoryOf } from "./accounting.ts";

/** Calls that put data on stable storage. */
const syncCalls = ["fsync", "fdatasync", "sync_file_range", "msync"];

/** How long processes may take to end by themselves, milliseconds; then they are killed. */
const graceMs = 5_000;
/** Memory is read this often, and its dearer part every fourth time. Milliseconds. */
const sampleMs = 250;

export interface GroupOptions {
  readonly name: string;
  /** For logs and traces. */
  readonly directory: string;
  /** Whether calls that sync are to be counted: everything is slower then. */
  readonly trace: boolean;
}

export class Group {
  readonly #options: GroupOptions;
  readonly #accounting: Accounting;
  readonly #children: ChildProcess[] = [];
  readonly #names = new Map<ChildProcess, string>();
  #peak: Memory = { rss: 0, pss: 0, processes: 0 };
  #sampling: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#accounting = accountingFor(`postrider-bench-${process.pid}-${options.name}`);
  }

  /** Starts a program in the foreground, its output in the log. `channel` opens one for messages. */
  run(
    program: string,
    args: readonly string[],
    { env = {}, channel = false }: { readonly env?: NodeJS.ProcessEnv; readonly channel?: boolean } = {},
  ): ChildProcess {
    const { directory, trace } = this.#options;
    const tracer = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", `trace=${syncCalls}`, "-e", "signal=none"];
    const [command, ...rest] = [
      ...(this.#accounting.enter ?? []),
      ...(trace ? [...tracer, "-o", join(directory, `trace.${this.#children.length}`)] : []),
      program,
      ...args,
    ];
    const log = openSync(join(directory, "output.log"), "a");
    const child = spawn(command!, rest, {
      stdio: channel ? ["ignore", log, log, "ipc"] : ["ignore", log, log],
      env: { ...process.env, ...env },
      // Ctrl-C is for the bench, which ends them in order.
      detached: true,
    });
    closeSync(log);
    this.#children.push(child);
    this.#names.set(child, program);
    return child;
  }

  /** Why it cannot go on: a program that was to stay has ended. Null when all is well. */
  ended(): string | null {
    const gone = this.#children.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    if (gone === undefined) return null;
    return `${this.#options.name}: ${this.#names.get(gone)} has ended with ${gone.signalCode ?? gone.exitCode}\n${this.log()}`;
  }

  /** The end of what its programs have said. */
  log(): string {
    return ["output.log", "mail.log"]
      .map((name) => join(this.#options.directory, name))
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, "utf8").slice(-2_000))
      .join("\n");
  }

  cpu(): Cpu {
    return this.#accounting.cpu(this.#roots());
  }

  /** Begins to remember the peak of memory. */
  sample(): void {
    this.#peak = { rss: 0, pss: 0, processes: 0 };
    let count = 0;
    const look = () => {
      const now = memoryOf(this.#accounting.pids(this.#roots()), count++ % 4 === 0);
      this.#peak = {
        rss: Math.max(this.#peak.rss, now.rss),
        pss: Math.max(this.#peak.pss, now.pss),
        processes: Math.max(this.#peak.processes, now.processes),
      };
    };
    look();
    this.#sampling = setInterval(look, sampleMs);
  }

  /** The peak since `sample`. */
  sampled(): Memory {
    if (this.#sampling !== null) clearInterval(this.#sampling);
    this.#sampling = null;
    return this.#peak;
  }

  /** Calls that sync, so far, of a group that is traced. */
  syncs(): ReadonlyMap<string, number> {
    const calls = new Map<string, number>();
    const { directory } = this.#options;
    for (const name of readdirSync(directory).filter((entry) => entry.startsWith("trace."))) {
      for (const line of readFileSync(join(directory, name), "latin1").split("\n")) {
        // A call that another thread's output interrupts has a second line, "resumed", that is not to be counted.
        const call = /^\d+ +(\w+)\(/.exec(line)?.[1];
        if (call !== undefined) calls.set(call, (calls.get(call) ?? 0) + 1);
      }
    }
    return calls;
  }

  /** Asks all to end, and kills what has not after a while. */
  async stop(): Promise<void> {
    if (this.#closed) return;
    this.sampled();
    // Of a tree that loses its root, the branches are still known by this.
    const members = this.#members().map((pid) => ({ pid, identity: identityOf(pid) }));
    for (const child of this.#children) child.kill("SIGTERM");
    const left = () => {
      const alive = members.filter(({ pid, identity }) => identity !== null && identityOf(pid) === identity);
      return new Set([...this.#members(), ...alive.map(({ pid }) => pid)]);
    };
    for (const until = Date.now() + graceMs; left().size > 0 && Date.now() < until; ) await setTimeout(20);
    for (let i = 0; left().size > 0 && i < 100; i++) {
      kill(left());
      await setTimeout(20);
    }
    this.#closed = true;
    await this.#accounting.close();
  }

  /** At once, for when there is no time to wait. */
  kill(): void {
    if (!this.#closed) kill(this.#members());
  }

  #members(): readonly number[] {
    return this.#accounting.pids(this.#roots());
  }

  #roots(): readonly number[] {
    return this.#children
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .flatMap(({ pid }) => pid ?? []);
  }
}

function kill(pids: Iterable<number>): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
