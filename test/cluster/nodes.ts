// Nodes of one service: `serve` processes that share a PostgreSQL database, each with a data directory of its own.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, freshDirectory, type Serving, type Started, serve } from "../doors/processes.ts";

export interface Cluster {
  readonly url: string;
  readonly schema: string;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Node {
  readonly url: string;
  readonly data: string;
  readonly process: Started<Serving & { readonly database: string | null }>;
  /** As the command line on its machine, or with a key. */
  ask<Body>(method: string, path: string, body?: unknown, key?: string): Promise<Answer<Body>>;
}

/** One key for all nodes of a test. */
export const secretKey = randomBytes(32).toString("base64");

export function environmentOf({ url, schema }: Cluster): Readonly<Record<string, string>> {
  return { POSTRIDER_DATABASE_URL: url, POSTRIDER_DATABASE_SCHEMA: schema, POSTRIDER_SECRET_KEY: secretKey };
}

export async function startNode(cluster: Cluster, finished: Finished): Promise<Node> {
  const data = freshDirectory(finished);
  const started = (await serve(data, { env: environmentOf(cluster) }, finished)) as Node["process"];
  const { url } = started.said;
  const { token } = JSON.parse(readFileSync(join(data, "server.json"), "utf8")) as { token: string };
  return {
    url,
    data,
    process: started,
    async ask<Body>(method: string, path: string, body?: unknown, key: string = token) {
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text === "" ? null : JSON.parse(text)) as Body,
      };
    },
  };
}
