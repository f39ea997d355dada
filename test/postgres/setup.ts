// One PostgreSQL for a whole run: started when the first test file asks for it, ended with the run.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { type Postgres, startPostgres } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Whoever fetches this learns where the server is. */
    postgres: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<Postgres> | null = null;
  const desk = createServer((_request, response) => {
    server ??= startPostgres();
    server.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await once(desk.listen(0, "127.0.0.1"), "listening");
  project.provide("postgres", `http://127.0.0.1:${(desk.address() as AddressInfo).port}/`);
  return async () => {
    desk.close();
    desk.closeAllConnections();
    // A server that did not start has been told of by the tests that wanted it.
    await server?.then(
      (started) => started.dispose(),
      () => undefined,
    );
  };
}
