// Where the benchmark's messages end, and the TLS in front of it: each a process of its own.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export interface Station {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Postfix's smtp-sink where it is installed, else our own catcher, keeping nothing. */
export async function startSink(): Promise<Station> {
  const program = find("smtp-sink");
  if (program === null) return await ours("our catcher", "sink", {});
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn(program, [...user, `127.0.0.1:${port}`, "1024"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await listening(port, child);
  return { name: "Postfix's smtp-sink", port, stop: () => end(child) };
}

/** stunnel where it is installed, else a forwarder of Node's; implicit TLS before `target`. */
export async function startTerminator(
  directory: string,
  keyPem: string,
  certPem: string,
  target: number,
): Promise<Station> {
  const program = find("stunnel4") ?? find("stunnel");
  if (program === null) return await ours("a forwarder in Node", "terminator", { keyPem, certPem, target });
  const port = await freePort();
  const settings = join(directory, "stunnel.conf");
  writeFileSync(join(directory, "key.pem"), keyPem, { mode: 0o600 });
  writeFileSync(join(directory, "cert.pem"), certPem);
  writeFileSync(
    settings,
    [
      "foreground = yes",
      "pid =",
      "debug = 2",
      "[smtps]",
      `accept = 127.0.0.1:${port}`,
      `connect = 127.0.0.1:${target}`,
      `cert = ${join(directory, "cert.pem")}`,
      `key = ${join(directory, "key.pem")}`,
      "TIMEOUTclose = 0",
      "",
    ].join("\n"),
  );
  const child = spawn(program, [settings], { stdio: ["ignore", "ignore", "inherit"] });
  await listening(port, child);
  return { name: "stunnel", port, stop: () => end(child) };
}

async function ours(name: string, part: "sink" | "terminator", setting: object): Promise<Station> {
  const child = fork(new URL(`./${part}-process.ts`, import.meta.url), [JSON.stringify(setting)]);
  const [port]: number[] = await once(child, "message");
  return { name, port: port!, stop: () => end(child) };
}

function find(program: string): string | null {
  const places = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/lib/postfix/sbin"];
  return places.map((place) => join(place, program)).find((path) => existsSync(path)) ?? null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Waits until something accepts connections there, 10 s at most. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} has ended with ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await setTimeout(50);
  }
  await end(child);
  throw new Error(`${child.spawnfile} does not listen on port ${port}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const stubborn = AbortSignal.timeout(2_000);
  stubborn.addEventListener("abort", () => child.kill("SIGKILL"));
  child.kill("SIGTERM");
  await once(child, "exit");
}
