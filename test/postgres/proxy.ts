// Stands between a client and a server that no test can break at the right moment: passes on, falls silent, or cuts.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface TcpProxy {
  readonly port: number;
  /** Connections that came so far. */
  readonly connections: number;
  /** What is connected now stays connected, and nothing gets through any more; new connections pass. */
  freeze(): void;
  /** RST to all that are connected now. */
  cut(): void;
  /** While it refuses, new connections are closed at once. */
  refuse(refused: boolean): void;
}

/** To a server on 127.0.0.1. */
export async function startTcpProxy(target: () => number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let refused = false;
  let connections = 0;
  const server = createServer({ noDelay: true }, (near) => {
    if (refused) {
      near.resetAndDestroy();
      return;
    }
    connections += 1;
    const far = connect({ host: "127.0.0.1", port: target(), noDelay: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.pipe(other);
      // A reset of one end is passed on to the other; `close` follows.
      one.on("error", () => other.resetAndDestroy());
      one.on("close", () => pairs.delete(pair));
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get connections() {
      return connections;
    },
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    cut() {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    },
    refuse(now) {
      refused = now;
    },
  };
}
