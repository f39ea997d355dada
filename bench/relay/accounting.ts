// What the processes of a relay use together: CPU time and memory, of all of them and of all they start.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Seconds since the group began. */
export interface Cpu {
  readonly user: number;
  readonly system: number;
}

/** MiB, and how many processes. */
export interface Memory {
  /** Pages that several processes share count once for each. */
  readonly rss: number;
  readonly pss: number;
  readonly processes: number;
}

export interface Accounting {
  /** The command that runs another one inside the group; null when `roots` tells what belongs to it. */
  readonly enter: readonly string[] | null;
  pids(roots: readonly number[]): readonly number[];
  cpu(roots: readonly number[]): Cpu;
  /** Once every process has ended. */
  close(): Promise<void>;
}

/** The kernel's own sum where a control group can be made, else the sum over the tree of processes that are alive. */
export function accountingFor(name: string): Accounting {
  const parent = groupParent();
  return parent === null ? processTree : controlGroup(join(parent, name));
}

export const accountingName = () => (groupParent() === null ? "process tree" : "cgroup");

/** A hybrid host has the tree of version 2 beside those of version 1. */
function groupParent(): string | null {
  const parents = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
  return parents.find((parent) => existsSync(join(parent, "cgroup.controllers")) && canMake(parent)) ?? null;
}

function canMake(parent: string): boolean {
  const directory = join(parent, `postrider-bench-${process.pid}-try`);
  try {
    mkdirSync(directory);
    rmdirSync(directory);
    return true;
  } catch {
    // Read-only, as in most containers: not an error, there is the other way.
    return false;
  }
}

function controlGroup(directory: string): Accounting {
  mkdirSync(directory);
  const members = join(directory, "cgroup.procs");
  return {
    // It has to enter before it starts anything, or its first children would stay outside.
    enter: ["sh", "-c", 'echo $$ > "$0" && exec "$@"', members],
    pids: () => readFileSync(members, "utf8").split("\n").filter(Boolean).map(Number),
    cpu() {
      const text = readFileSync(join(directory, "cpu.stat"), "utf8");
      const seconds = (what: string) => Number(new RegExp(`${what}_usec (\\d+)`).exec(text)?.[1]) / 1e6;
      return { user: seconds("user"), system: seconds("system") };
    },
    // For some milliseconds a process that was killed is not listed and still there.
    async close() {
      for (let tries = 100; tries > 0 && !isRemoved(directory); tries--) await setTimeout(20);
    },
  };
}

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EBUSY") return false;
    throw error;
  }
}

/** The kernel counts CPU time for /proc in hundredths of a second, on every architecture. */
const ticksPerSecond = 100;

const processTree: Accounting = {
  enter: null,
  pids(roots) {
    const children = new Map<number, number[]>();
    for (const entry of readdirSync("/proc")) {
      const parent = /^\d+$/.test(entry) ? statOf(Number(entry))?.[1] : undefined;
      if (parent === undefined) continue;
      children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
    }
    const found: number[] = [];
    for (const waiting = [...roots]; waiting.length > 0; ) {
      const pid = waiting.pop()!;
      if (statOf(pid) === null) continue;
      found.push(pid);
      waiting.push(...(children.get(pid) ?? []));
    }
    return found;
  },
  cpu(roots) {
    let [user, system] = [0, 0];
    for (const pid of this.pids(roots)) {
      // Its own, and that of its children which have ended.
      const [, , , , , , , , , , , utime, stime, cutime, cstime] = statOf(pid) ?? [];
      user += (Number(utime ?? 0) + Number(cutime ?? 0)) / ticksPerSecond;
      system += (Number(stime ?? 0) + Number(cstime ?? 0)) / ticksPerSecond;
    }
    return { user, system };
  },
  async close() {
    // Nothing was made.
  },
};

/** The fields of /proc/PID/stat from the state on (proc(5), field 3); null when the process is gone. */
function statOf(pid: number): readonly string[] | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** Tells a process apart from a later one with the same number; null when it has ended. */
export function identityOf(pid: number): string | null {
  const stat = statOf(pid);
  // One that nobody has waited for yet is dead all the same.
  return stat === null || stat[0] === "Z" ? null : `${pid} ${stat[19]}`;
}

/** `pss` costs the kernel a walk over the page tables: without it, it is 0. */
export function memoryOf(pids: readonly number[], withPss: boolean): Memory {
  let [rss, pss, processes] = [0, 0, 0];
  for (const pid of pids) {
    const status = readOrNull(`/proc/${pid}/status`);
    if (status === null) continue;
    processes += 1;
    rss += kibibytes(status, "VmRSS") / 1024;
    if (withPss) pss += kibibytes(readOrNull(`/proc/${pid}/smaps_rollup`) ?? "", "Pss") / 1024;
  }
  return { rss, pss, processes };
}

function kibibytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}

/** Null when the process has ended in the meantime. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
