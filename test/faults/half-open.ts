// Stands between a node and its database; what lives on it can fall silent without being closed, as behind a firewall that forgets.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface HalfOpen {
  /** The database's address, by way of this. */
  readonly url: string;
  /**
   * From now on nothing gets through on the connections that are open, either way, and nobody is told; new ones pass.
   * How many there were.
   */
  forget(): number;
}

/** `url` is the database's own address. */
export async function startHalfOpen(url: string): Promise<HalfOpen> {
  const { hostname, port } = new URL(url);
  const open = new Set<Pair>();
  const forgotten = new Set<Pair>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    const pair = new Pair(near, far, () => {
      open.delete(pair);
      forgotten.delete(pair);
    });
    open.add(pair);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const pair of [...open, ...forgotten]) pair.destroy();
    await new Promise((closed) => server.close(closed));
  });
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  return {
    url: here.href,
    forget() {
      const count = open.size;
      for (const pair of open) {
        pair.forget();
        forgotten.add(pair);
      }
      open.clear();
      return count;
    },
  };
}

class Pair {
  readonly #near: Socket;
  readonly #far: Socket;

  constructor(near: Socket, far: Socket, onEnd: () => void) {
    this.#near = near;
    this.#far = far;
    near.on("data", (bytes) => far.write(bytes)).on("end", () => far.end());
    far.on("data", (bytes) => near.write(bytes)).on("end", () => near.end());
    for (const socket of [near, far])
      socket
        // A reset on one side is one on the other, by `close`.
        .on("error", () => undefined)
        .on("close", () => {
          onEnd();
          this.destroy();
        });
  }

  forget(): void {
    for (const socket of [this.#near, this.#far])
      socket.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close").pause();
  }

  destroy(): void {
    this.#near.destroy();
    this.#far.destroy();
  }
}
