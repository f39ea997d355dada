// The command line's way to the data: a running server where there is one, else the data directory or the database itself.
// Both answer the same HTTP API, so a command is written once.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { addAbortSignal, Readable } from "node:stream";
import type { Postrider } from "../../postrider.ts";
import type { Http } from "../http/http.ts";
import { UsageError } from "./exit.ts";
import { readRunning } from "./running.ts";

/** An error that the API answered with. */
export class ApiFailure extends Error {
  readonly statusCode: number;
  readonly apiName: string;
  readonly remedy: { readonly title: string; readonly steps: readonly string[] } | undefined;

  constructor(body: {
    statusCode: number;
    name: string;
    message: string;
    remedy?: { title: string; steps: string[] };
  }) {
    super(body.message);
    this.name = "ApiFailure";
    this.statusCode = body.statusCode;
    this.apiName = body.name;
    this.remedy = body.remedy;
  }
}

export interface Api {
  /** Where it goes, for a person. */
  readonly where: string;
  /** Whether nobody delivers after this process ends: it opened the data directory itself. */
  readonly alone: boolean;
  request<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T>;
  /** The raw bytes of an answer. */
  bytes(path: string): Promise<Uint8Array>;
  /** Server-sent events, as they come. @throws AbortError as soon as the signal says so. */
  events(
    path: string,
    body: unknown,
    signal?: AbortSignal,
  ): AsyncIterable<{ readonly event: string; readonly data: unknown }>;
  close(): Promise<void>;
}

type Send = (
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | undefined,
) => Promise<{ status: number; body: Readable }>;

/** A request to a server on this machine that takes longer than this is stuck; a test of a setting may take minutes. */
const requestTimeoutMs = 600_000;

/**
 * @throws ApiFailure, StoreError and what else opening the data directory or the database may throw.
 */
export async function openApi(directory: string): Promise<Api> {
  const running = await readRunning(directory);
  if (running !== null) {
    const send: Send = async (method, path, headers, body) => {
      const response = await fetch(new URL(path, running.url), {
        method,
        headers,
        body: body ?? null,
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      return {
        status: response.status,
        body: response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as never),
      };
    };
    return apiOver(send, running.token, { where: running.url, alone: false, close: async () => undefined });
  }
  // Only now: most commands never need the whole house, and loading it takes longest.
  const { createPostrider } = await import("../../postrider.ts");
  const { buildHttp } = await import("../http/server.ts");
  const { databaseOf } = await import("../../storage.ts");
  // Nodes deliver what is in a database: mail that a command took in hand would have to be given back at its end.
  const shared = databaseOf(undefined, process.env) !== null;
  const post = await createPostrider({ data: directory, ...(shared ? { deliver: false } : {}) });
  const token = randomBytes(32).toString("base64url");
  const app = await buildHttp(post, { adminToken: token });
  return apiOver(injected(app), token, {
    where: post.database?.shown ?? resolve(directory),
    alone: !shared,
    close: () => closeBoth(app, post),
  });
}

function injected(app: Http): Send {
  return async (method, path, headers, body) => {
    const answer = await app.inject({
      method: method as "GET",
      url: path,
      headers,
      ...(body === undefined ? {} : { payload: body }),
      payloadAsStream: true,
    });
    return { status: answer.statusCode, body: answer.stream() };
  };
}

async function closeBoth(app: Http, post: Postrider): Promise<void> {
  await app.close();
  await post.close();
}

function apiOver(send: Send, token: string, rest: Pick<Api, "where" | "alone" | "close">): Api {
  const call = async (method: string, path: string, body: unknown, accept: string) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const answer = await send(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
    if (answer.status >= 400) throw new ApiFailure(JSON.parse((await collect(answer.body)).toString("utf8")));
    return answer.body;
  };
  return {
    ...rest,
    request: async (method, path, body) =>
      JSON.parse((await collect(await call(method, path, body, "application/json"))).toString("utf8")),
    bytes: async (path) => collect(await call("GET", path, undefined, "*/*")),
    async *events(path, body, signal) {
      let pending = "";
      const stream = (await call("POST", path, body, "text/event-stream")).setEncoding("utf8");
      if (signal !== undefined) addAbortSignal(signal, stream);
      for await (const chunk of stream) {
        pending += String(chunk);
        for (let end = pending.indexOf("\n\n"); end >= 0; end = pending.indexOf("\n\n")) {
          const [first = "", second = ""] = pending.slice(0, end).split("\n");
          pending = pending.slice(end + 2);
          yield { event: first.slice("event: ".length), data: JSON.parse(second.slice("data: ".length)) };
        }
      }
    },
  };
}

async function collect(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** A file that a flag names; `-` is standard input. @throws UsageError when it cannot be read. */
export async function readInput(path: string): Promise<Buffer> {
  if (path === "-") return collect(process.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`The file ${path} cannot be read: ${(error as Error).message}`);
  }
}
