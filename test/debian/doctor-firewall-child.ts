// Runs inside a network namespace: listens, plays the metadata service, or looks at the rules, connects, and looks again.
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { lookAtFirewall } from "../../src/doctor/firewall/look.ts";
import { askMetadata } from "../../src/doctor/machine/metadata.ts";
import { here } from "../../src/doctor/surroundings.ts";

export type Question =
  | { readonly listen: readonly number[] }
  | { readonly ports: readonly number[]; readonly address: string }
  /** From then on it is this user and no longer root. */
  | { readonly user: number }
  /** What the metadata service answers to each request (`PUT /v1/token`); an empty answer never comes. */
  | { readonly metadata: Readonly<Record<string, MetadataAnswer>> };

export interface MetadataAnswer {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(question: Question): Promise<unknown> {
  const surroundings = here(new AbortController().signal, true);
  if ("listen" in question) return Promise.all(question.listen.map(listen));
  if ("metadata" in question) return metadata(question.metadata);
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
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "::", () => resolve(port));
  });
}

/** The service at its own address; `asked` is what came in. */
async function metadata(answers: Readonly<Record<string, MetadataAnswer>>): Promise<unknown> {
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    asked.push(line);
    const found = answers[line];
    if (found?.body === "") return;
    response.writeHead(found === undefined ? 404 : 200, found?.headers);
    response.end(found?.body ?? "not found");
  });
  await new Promise<void>((listening) => server.listen(80, "169.254.169.254", listening));
  const mark = await askMetadata(here(new AbortController().signal, true));
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  return { mark, asked };
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
