// What all measurements share: the sink, the submitter, a place for files, and the way to call everything off.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Calls, Remote } from "./asking.ts";
import { Group } from "./group.ts";
import type { SinkCalls } from "./sink-process.ts";
import type { SubmitterCalls } from "./submitter-process.ts";

export class Workbench implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly sink: Remote<SinkCalls>;
  readonly submitter: Remote<SubmitterCalls>;
  readonly sinkPort: number;
  readonly #directory: string;
  readonly #groups: Set<Group>;
  #made = 0;

  private constructor(
    directory: string,
    groups: Set<Group>,
    signal: AbortSignal,
    sink: Remote<SinkCalls>,
    submitter: Remote<SubmitterCalls>,
    sinkPort: number,
  ) {
    this.#directory = directory;
    this.#groups = groups;
    this.signal = signal;
    this.sink = sink;
    this.submitter = submitter;
    this.sinkPort = sinkPort;
  }

  static async open(signal: AbortSignal): Promise<Workbench> {
    const directory = mkdtempSync(join(process.env.BENCH_DIRECTORY ?? tmpdir(), "postrider-relay-"));
    // Postfix gives up its rights and has to find its files still.
    chmodSync(directory, 0o755);
    const own = new Group({ name: "own", directory, trace: false });
    const groups = new Set([own]);
    try {
      const sink = await remote<SinkCalls>(own, signal, "sink", new URL("sink-process.ts", import.meta.url));
      const submitter = await remote<SubmitterCalls>(
        own,
        signal,
        "submitter",
        new URL("submitter-process.ts", import.meta.url),
      );
      const port = await sink.call(5_000, "port");
      return new Workbench(directory, groups, signal, sink, submitter, port);
    } catch (error) {
      await own.stop();
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** A relay's processes, and a directory of their own to keep things in. */
  group(name: string, { trace }: { readonly trace: boolean }): { group: Group; directory: string } {
    const own = `${name}-${++this.#made}`;
    const directory = join(this.#directory, own);
    mkdirSync(directory, { mode: 0o755 });
    const group = new Group({ name: own, directory, trace });
    this.#groups.add(group);
    return { group, directory };
  }

  async drop(group: Group, directory: string): Promise<void> {
    await group.stop();
    this.#groups.delete(group);
    rmSync(directory, { recursive: true, force: true });
  }

  /** At once, for when there is no time to wait. */
  kill(): void {
    for (const group of this.#groups) group.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const group of this.#groups) await group.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Starts one of our own processes and waits until it answers. */
export function remote<Of extends Calls>(
  group: Group,
  signal: AbortSignal,
  name: string,
  file: URL,
  setting: unknown = {},
  flags: readonly string[] = [],
): Promise<Remote<Of>> {
  const child = group.run(process.execPath, [...flags, fileURLToPath(file), JSON.stringify(setting)], {
    channel: true,
  });
  return Remote.to<Of>(name, child, signal);
}
