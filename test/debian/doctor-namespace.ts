// Network namespaces of our own for the doctor: with their own names, routes and rules, and a process inside.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What `ip netns exec` lays over /etc inside the namespace (ip-netns(8)). */
export type Files = Readonly<Record<string, string>>;

/** Only these two ways to a name, whatever the machine has: what is under test is written in the other files. */
const nsswitch = "hosts: files dns\n";

let count = 0;

export class Namespace {
  readonly name: string;
  readonly #children: ChildProcess[] = [];

  /** @throws when not root, or when the kernel has no network namespaces. */
  constructor(purpose: string, files: Files = {}) {
    if (process.getuid?.() !== 0) throw new Error("network namespaces have to be made as root");
    count += 1;
    this.name = `postrider-${purpose}-${process.pid}-${count}`;
    execFileSync("ip", ["netns", "add", this.name]);
    this.write({ "nsswitch.conf": nsswitch, "resolv.conf": "", hosts: "127.0.0.1 localhost\n", ...files });
    this.ip("link set lo up");
  }

  /** In place, so that a process that runs in the namespace sees the change. */
  write(files: Files): void {
    mkdirSync(this.#etc, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#etc, name), text);
  }

  get #etc(): string {
    return join("/etc/netns", this.name);
  }

  ip(...commands: readonly string[]): void {
    execFileSync("ip", ["-n", this.name, "-batch", "-"], { input: `${commands.join("\n")}\n` });
  }

  /** Rules of nftables, loaded in one go. */
  nft(rules: string): void {
    execFileSync("ip", ["netns", "exec", this.name, "nft", "-f", "-"], { input: rules });
  }

  run(program: string, ...args: readonly string[]): string {
    return execFileSync("ip", ["netns", "exec", this.name, program, ...args], { encoding: "utf8" });
  }

  /** A script of ours inside; it answers each line of JSON with one. */
  start(script: string): Inside {
    const child = spawn("ip", ["netns", "exec", this.name, process.execPath, script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#children.push(child);
    return new Inside(child);
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#children.map((child) => {
        if (child.exitCode !== null || child.signalCode !== null) return undefined;
        const gone = new Promise((done) => child.once("exit", done));
        child.kill("SIGKILL");
        return gone;
      }),
    );
    execFileSync("ip", ["netns", "delete", this.name]);
    rmSync(this.#etc, { recursive: true, force: true });
  }
}

/** A process in a namespace that does one thing after the other. */
export class Inside {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error("a process without output cannot answer");
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async ask<T>(question: unknown): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("the process in the namespace has ended");
    return JSON.parse(value as string) as T;
  }
}

/** Two namespaces with a cable between them. */
export function cable(one: Namespace, device: string, other: Namespace, otherDevice: string): void {
  execFileSync("ip", [
    "link",
    "add",
    device,
    "netns",
    one.name,
    "type",
    "veth",
    "peer",
    "name",
    otherDevice,
    "netns",
    other.name,
  ]);
  one.ip(`link set ${device} up`);
  other.ip(`link set ${otherDevice} up`);
}
