// What a look needs of the machine it runs on, and the bounds it keeps to.
import { execFile } from "node:child_process";
import { open } from "node:fs/promises";

/** Of a file or a program's output; rules of a host with thousands of containers fit. Bytes. */
const mostBytes = 16 * 1024 * 1024;

export interface Ran {
  /** `denied` and `absent` are told by the system; `failed` when it ended with another status than 0 or was cut off. */
  readonly state: "read" | "denied" | "absent" | "failed";
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** The text of a file of this machine, at most 16 MiB of it; null when it is absent or not ours to read. */
  readonly read: (path: string) => Promise<string | null>;
  /** Runs a program that only shows something. It is ended after `timeoutMs` or at the end of all. */
  readonly run: (program: string, args: readonly string[], timeoutMs: number) => Promise<Ran>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of the epoch. */
  readonly now: () => number;
  /** At the end of the time for everything, or when the person goes away. */
  readonly ended: AbortSignal;
  /** Waits until it may open a connection: no more than four stand at a time. */
  readonly connecting: <T>(use: () => Promise<T>) => Promise<T>;
  /** Whether connections to hosts that are not the provider's may be made. */
  readonly controls: boolean;
}

/** This machine as it is. */
export function here(ended: AbortSignal, controls: boolean): Surroundings {
  return {
    read,
    run: (program, args, timeoutMs) => run(program, args, timeoutMs, ended),
    env: process.env,
    now: () => Date.now(),
    ended,
    connecting: fourAtATime(),
    controls,
  };
}

async function read(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of file.createReadStream({ autoClose: false, end: mostBytes - 1 })) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    return Buffer.concat(chunks, bytes).toString("utf8");
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

function run(program: string, args: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<Ran> {
  // A person's PATH often lacks the places where rules are shown.
  const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin:/usr/local/sbin`;
  const env = { ...process.env, PATH, LC_ALL: "C" };
  const bounds = { timeout: timeoutMs, maxBuffer: mostBytes, killSignal: "SIGKILL" as const };
  return new Promise((resolve) => {
    execFile(program, [...args], { ...bounds, env, signal }, (error, stdout, stderr) => {
      const code = error === null ? null : error.code;
      const state =
        error === null
          ? "read"
          : code === "ENOENT"
            ? "absent"
            : code === "EACCES" ||
                /permission denied|must be root|not permitted|need to be root/i.test(stderr)
              ? "denied"
              : "failed";
      resolve({ state, stdout, stderr });
    });
  });
}

function fourAtATime(): Surroundings["connecting"] {
  let free = 4;
  const waiting: (() => void)[] = [];
  return async (use) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await use();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
