// Addresses of this machine that behave badly, for tests of connecting.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/**
 * Connecting to that port of `host` never ends: its process is stopped and its backlog is full. `onEnd` is
 * given what ends it.
 */
export async function neverAnswers(
  port: number,
  onEnd: (end: () => void) => void,
  host = "127.0.0.2",
): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      "-e",
      `require("net").createServer().listen({port:${port},host:"${host}",backlog:1},()=>console.log("up"))`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  onEnd(() => child.kill("SIGKILL"));
  await once(child.stdout!, "data");
  child.kill("SIGSTOP");
  for (let i = 0; i < 2; i++) {
    const filler = connect(port, host);
    onEnd(() => filler.destroy());
    await once(filler, "connect");
  }
}
