// What the mail servers under test have in common: a folder, a certificate, two ports, a process, and a second
// hop into the sandbox's catcher, so that what they passed on can be compared byte for byte.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.ts";
import type { ConnectOptions } from "../../src/smtp/options.ts";

/** Where scripts/debian-servers.sh unpacks what cannot be installed beside Postfix. */
export const unpacked = process.env.POSTRIDER_TEST_SERVERS ?? "/var/cache/postrider-test-servers";

export const user = "me@debian.test";
export const password = "correct horse battery";

/** The path of a program, the first of these that is there. @throws when none is, saying how to get it. */
export function program(...paths: readonly string[]): string {
  const found = paths.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(
      `${paths.join(" or ")} is missing: run scripts/debian-servers.sh as root, then these tests as root`,
    );
  return found;
}

export interface Ports {
  readonly starttls: number;
  readonly tls: number;
}

/** Starts the server's programs; they listen on `ports` and relay to `sink` on 127.0.0.1. */
export type Setup = (station: Station, ports: Ports, sink: number) => void | Promise<void>;

export class Station {
  readonly name: string;
  readonly directory: string;
  readonly catcher = new Catcher({ maxBytes: 2 ** 30 });
  readonly #processes: ChildProcess[] = [];
  readonly #beforeStop: (() => void)[] = [];
  readonly #afterStop: (() => void)[] = [];
  #sandbox: Sandbox | null = null;
  #ports: Ports = { starttls: 0, tls: 0 };
  #ca = "";

  private constructor(name: string) {
    this.name = name;
    this.directory = mkdtempSync(join(tmpdir(), `postrider-${name}-`));
    chmodSync(this.directory, 0o755);
  }

  static async start(name: string, setup: Setup): Promise<Station> {
    if (process.getuid?.() !== 0) throw new Error(`${name} has to be started as root`);
    const station = new Station(name);
    try {
      await station.#start(setup);
      return station;
    } catch (error) {
      const log = station.log();
      await station.stop();
      throw new Error(`${name} does not start: ${error}\n${log}`, { cause: error });
    }
  }

  async #start(setup: Setup): Promise<void> {
    this.#ca = this.#makeCertificate();
    this.#sandbox = await startSandbox({
      catcher: this.catcher,
      bounds: { messageBytes: 128 * 1024 * 1024 },
    });
    this.#ports = { starttls: await freePort(), tls: await freePort() };
    await setup(this, this.#ports, this.#sandbox.endpoints[0]!.port);
    for (const port of Object.values(this.#ports)) await this.#listening(port);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string, mode = 0o644): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** Starts a program that stays in the foreground, its output in the log. */
  run(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const log = openSync(this.path("output.log"), "a");
    const child = spawn(path, args, {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...env },
      // A group of its own, so that what it starts can be ended with it.
      detached: true,
    });
    closeSync(log);
    this.#processes.push(child);
  }

  beforeStop(act: () => void): void {
    this.#beforeStop.push(act);
  }

  afterStop(act: () => void): void {
    this.#afterStop.push(act);
  }

  options(security: "starttls" | "tls", more: Partial<ConnectOptions> = {}): ConnectOptions {
    return {
      endpoint: { host: "127.0.0.1", port: this.#ports[security], security },
      ca: [this.#ca],
      credentials: { username: user, password },
      clientName: "client.debian.test",
      ...more,
    };
  }

  /** What the programs said, for whoever has to find out why. */
  log(): string {
    return ["output.log", "mail.log", "dovecot.log", "log/mainlog", "log/paniclog"]
      .map((name) => this.path(name))
      .filter((path) => existsSync(path))
      .map((path) => `${path}:\n${readFileSync(path, "utf8").slice(-4_000)}`)
      .join("\n");
  }

  async stop(): Promise<void> {
    for (const act of this.#beforeStop) act();
    for (const child of this.#processes.toReversed()) await end(child);
    for (const act of this.#afterStop) act();
    await this.#sandbox?.close();
    this.catcher.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** RSA, since not every server here can do with an elliptic curve. Returns what a client has to trust. */
  #makeCertificate(): string {
    const names = "subjectAltName=DNS:mail.debian.test,IP:127.0.0.1";
    const files = ["-keyout", this.path("key.pem"), "-out", this.path("cert.pem")];
    const request = [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=mail.debian.test",
    ];
    execFileSync("openssl", [...request, "-addext", names, ...files], { stdio: "ignore" });
    chmodSync(this.path("key.pem"), 0o600);
    return readFileSync(this.path("cert.pem"), "utf8");
  }

  async #listening(port: number): Promise<void> {
    for (let i = 0; i < 300; i++) {
      const ended = this.#processes.find(({ exitCode }) => exitCode !== null);
      if (ended !== undefined) throw new Error(`${ended.spawnfile} has ended with ${ended.exitCode}`);
      const socket = connect(port, "127.0.0.1");
      const open = await once(socket, "connect").then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (open) return;
      await setTimeout(50);
    }
    throw new Error(`nothing listens on port ${port}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    const stubborn = AbortSignal.timeout(5_000);
    stubborn.addEventListener("abort", () => child.kill("SIGKILL"));
    child.kill("SIGTERM");
    await ended;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has left nobody behind.
  }
}
