// Runs inside a network namespace: listens, or looks at the rules there, connects, and looks again.
import { connect, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { lookAtFirewall } from "../../src/doctor/firewall/look.ts";
import { lookAtMachine } from "../../src/doctor/machine/look.ts";
import { here } from "../../src/doctor/surroundings.ts";

export type Question =
  | { readonly listen: readonly number[] }
  | { readonly ports: readonly number[]; readonly address: string }
  /** From then on it is this user and no longer root. */
  | { readonly user: number }
  | { readonly metadata: boolean };

const servers: Server[] = [];

async function answer(question: Question): Promise<unknown> {
  const surroundings = here(new AbortController().signal, true);
  if ("listen" in question) return Promise.all(question.listen.map(listen));
  if ("metadata" in question) return lookAtMachine(surroundings, question);
  if ("user" in question) {
    process.setgroups?.([]);
    process.setgid?.(question.user);
    return process.setuid?.(question.user) ?? null;
  }
  const { ports, address } = question;
  const before = await lookAtFirewall(surroundings, ports, [address]);
  const code = await knock(address, ports[0] ?? 0);
  const after = await lookAtFirewall(surroundings, ports, [address]);
  return { before, code, after };
}

function listen(port: number): Promise<number> {
  const server = createServer((socket) => {
    // Whoever knocks goes away again at once.
    socket.on("error", () => socket.destroy());
    socket.end("220 here ESMTP\r\n");
  });
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "::", () => resolve(port));
  });
}

/** Null when it stood. A packet that is dropped brings no answer, however long one waits. */
function knock(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (code: string | null) => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(host.includes(":") ? 1_500 : 250, () => end("TIMEOUT"));
    socket.once("connect", () => end(null));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Question))}\n`);
