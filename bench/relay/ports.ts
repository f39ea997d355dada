// Ports of the system's choice, and waiting until somebody listens there.
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

export const host = "127.0.0.1";

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** How long a server may take until it listens, milliseconds. */
const startMs = 30_000;

/** Resolves when something accepts connections there. `ended` tells why nothing ever will; null while it may. */
export async function listening(
  port: number,
  ended: () => string | null,
  signal: AbortSignal,
): Promise<void> {
  for (const until = Date.now() + startMs; Date.now() < until; await setTimeout(50, null, { signal })) {
    const reason = ended();
    if (reason !== null) throw new Error(reason);
    const socket = connect(port, host);
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
  }
  throw new Error(`nothing listens on ${host}:${port} after ${startMs} ms`);
}
