// A mail server that keeps the sender waiting after the final dot until it is told what to say.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import type { Finished } from "./processes.ts";

export interface HoldingPeer {
  readonly port: number;
  /** Contents whose final dot has come, in order. */
  readonly held: readonly string[];
  /** Resolves when so many contents have come whole. */
  until(count: number): Promise<void>;
  /** Answers every content that waits, and from now on each as it comes. */
  answer(reply: string): void;
}

export async function holdingPeer(finished: Finished): Promise<HoldingPeer> {
  const held: string[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<Socket>();
  let reply: string | null = null;
  let told: () => void = () => undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    let text = "";
    let inData = false;
    socket.write("220 holding.test ESMTP\r\n");
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      for (;;) {
        const end = text.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const taken = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          held.push(taken);
          if (reply === null) waiting.add(socket);
          else socket.write(`${reply}\r\n`);
          told();
        } else {
          const verb = taken.slice(0, 4).toUpperCase();
          inData = verb === "DATA";
          socket.write(inData ? "354 go on\r\n" : verb === "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
        }
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  finished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    held,
    async until(count) {
      while (held.length < count) await new Promise<void>((resolve) => (told = resolve));
    },
    answer(text) {
      reply = text;
      for (const socket of waiting) socket.write(`${text}\r\n`);
      waiting.clear();
    },
  };
}
