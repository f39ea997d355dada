// Many nodes on one database: processes of the same program, each with a data directory of its own.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Postgres, startPostgres } from "../postgres/server.ts";
import { type App, type AppOptions, beginApp, type Starting } from "./app.ts";
import { size } from "./soak.ts";
import type { Trial } from "./trial.ts";

/** A server whose commits reach the disk, and gone when the test ends. */
export async function startDatabase(): Promise<Postgres> {
  const database = await startPostgres({ fsync: true });
  onTestFinished(() => database.dispose());
  return database;
}

/** After which a dead node's mail is another's: in the long form as it is unless somebody says otherwise. Milliseconds. */
const leaseMs = size(5_000, 30_000);

/** Every node has to read what another has sealed. */
const secretKey = randomBytes(32).toString("hex");

export interface Life {
  /** Which node's. */
  readonly nth: number;
  /** The name that it gives in EHLO: no two lives have the same. */
  readonly client: string;
  readonly starting: Starting;
}

export class Nodes {
  readonly #trial: Trial;
  readonly #options: AppOptions;
  readonly #lives: number[] = [];

  /** `database` is where the nodes find it: a server, or something that stands before it. */
  constructor(trial: Trial, database: string, options: AppOptions) {
    this.#trial = trial;
    this.#options = { leaseMs, ...options, env: { POSTRIDER_SECRET_KEY: secretKey }, database };
  }

  /** The nth node begins a new life. */
  begin(nth: number, options: Partial<AppOptions> = {}): Life {
    const life = (this.#lives[nth] ?? 0) + 1;
    this.#lives[nth] = life;
    const client = `node${nth}-life${life}.example.com`;
    const starting = beginApp(this.#trial, {
      ...this.#options,
      ...options,
      data: join(this.#trial.directory, `node${nth}`),
      connecting: { ...this.#options.connecting, ...options.connecting, clientName: client },
    });
    return { nth, client, starting };
  }

  start(nth: number, options: Partial<AppOptions> = {}): Promise<App> {
    return this.begin(nth, options).starting.ready;
  }
}
