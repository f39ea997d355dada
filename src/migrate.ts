// Moves an embedded installation into a PostgreSQL database: stopped and resumed at any point, nothing sent twice.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openVault } from "./accounts/secretkey.ts";
import { storedAccount } from "./accounts/stored.ts";
import { type Vault, VaultError } from "./accounts/vault.ts";
import { checkVault } from "./accounts/vault-check.ts";
import { MoveRefused } from "./error.ts";
import { type Leaving, leavingOf } from "./leaving.ts";
import {
  DocumentsDiffer,
  type Existing,
  isPassingTrouble,
  type Move,
  openTarget,
  type SeenMove,
  type Target,
} from "./queue/postgres/target.ts";
import type { Mark } from "./queue/sqlite/moved.ts";
import { openSource, type Source } from "./queue/sqlite/source.ts";
import { type Part, type Stage, type Survey, stages } from "./queue/transfer.ts";
import type { Database } from "./storage.ts";

export interface MigrateOptions {
  readonly directory: string;
  readonly database: Database;
  /** What is done about documents that the database has under the same name and that say something else. */
  readonly existing: Existing;
  /** Looks and changes nothing. */
  readonly dryRun: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (progress: Progress) => void;
  /** Ends it after the part that is under way. */
  readonly signal?: AbortSignal;
  /** How long a database that is away is waited for; milliseconds. Default 60,000. */
  readonly patienceMs?: number;
  /** Messages in one commit at most. Default 500. */
  readonly partSize?: number;
}

export interface Progress {
  readonly stage: Move["stage"];
  readonly arrived: Move["arrived"];
  readonly total: Survey;
}

export interface Report {
  readonly to: string;
  readonly schema: string;
  /** False after a dry run, or when it was stopped. */
  readonly complete: boolean;
  /** What is in the data directory. */
  readonly total: Survey;
  /** What has arrived, in this run and those before. */
  readonly arrived: Move["arrived"];
  readonly leaving: Leaving;
  /** Documents that the database has under the same name and that say something else. */
  readonly differing: readonly string[];
  /** Where the key is that every node needs, and its public name. */
  readonly keys: string;
}

/** A part that others' commits wait for is not to take long. */
const partBytes = 4 * 1024 * 1024;
/** Nodes know within a second of accounts and routes that were written; then their mail may come. Milliseconds. */
const nodesHear = 2_000;
const nothing: Move["arrived"] = {
  documents: 0,
  suppressions: 0,
  idempotency: 0,
  spent: 0,
  messages: 0,
  waiting: 0,
};

/** @throws MoveRefused, StoreError, SecretKeyError; what was moved by then stays moved, and the next call goes on there. */
export async function migrate(options: MigrateOptions): Promise<Report> {
  const source = await openInstallation(options.directory);
  try {
    const mark = await source.mark();
    if (mark !== null && mark.completedAt !== null) throw moved(options.directory, mark);
    const vault = openVault(resolve(options.directory), options.env);
    await checkSealed(source, vault);
    const { url, place } = options.database;
    const target = await openTarget({ url, schema: place.schema, look: options.dryRun });
    try {
      const moving = new Moving(options, source, target, vault, await leavingOf(source));
      return await moving.run(mark);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Takes the mark away, so that the directory is used as before. @throws MoveRefused once mail may have gone over. */
export async function undoMigrate(directory: string): Promise<Pick<Mark, "to" | "schema">> {
  const source = await openInstallation(directory);
  try {
    const mark = await source.mark();
    if (mark === null) throw new MoveRefused(`${directory} was not moved: there is nothing to undo.`);
    if (mark.completedAt !== null) throw moved(directory, mark);
    if (mark.messages) {
      throw new MoveRefused(
        `Mail of ${directory} may be sent from ${mark.to} already: to use both would send it twice. Run \`postrider migrate --to …\` again to go on where it stopped.`,
      );
    }
    await source.setMark(null);
    return { to: mark.to, schema: mark.schema };
  } finally {
    await source.close();
  }
}

async function openInstallation(directory: string): Promise<Source> {
  if (!existsSync(join(directory, "postrider.db"))) {
    throw new MoveRefused(
      `There is no installation in ${resolve(directory)}. Name its data directory with --data.`,
    );
  }
  return openSource(directory);
}

function moved(directory: string, { to, schema, completedAt }: Mark): MoveRefused {
  return new MoveRefused(
    `${directory} was moved to ${to} (schema ${schema}) on ${new Date(completedAt!).toISOString()}. Nothing is left to do: set POSTRIDER_DATABASE_URL to that database.`,
  );
}

/** @throws MoveRefused when a secret was sealed with a key that is not at hand: the nodes would not have it either. */
async function checkSealed(source: Source, vault: Vault): Promise<void> {
  for (const { body } of await source.documents.list("account")) {
    const { account, sealed } = storedAccount(body);
    try {
      vault.open(sealed, account);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      // One that is damaged has to be entered again, here or there.
      if (error.problem === "other-key") throw new MoveRefused(error.message);
    }
  }
}

class Moving {
  readonly #options: MigrateOptions;
  readonly #source: Source;
  readonly #target: Target;
  readonly #vault: Vault;
  readonly #leaving: Leaving;
  #total: Survey = { documents: 0, suppressions: 0, idempotency: 0, messages: 0, waiting: [] };
  #now = 0;

  constructor(options: MigrateOptions, source: Source, target: Target, vault: Vault, leaving: Leaving) {
    this.#options = options;
    this.#source = source;
    this.#target = target;
    this.#vault = vault;
    this.#leaving = leaving;
  }

  async run(mark: Mark | null): Promise<Report> {
    const { dryRun, existing } = this.#options;
    this.#total = await this.#source.survey();
    this.#now = await this.#target.time();
    const id = dryRun ? await this.#source.id() : await this.#source.named();
    const seen = this.#target.there && id !== null ? await this.#target.move(id) : null;
    if (
      mark === null
        ? seen !== null && hasMail(seen.move)
        : mark.messages && seen?.move.attempt !== mark.attempt
    )
      throw this.#elsewhere(mark);
    const differing =
      this.#target.there && (seen === null || seen.move.stage === "documents") ? await this.#differing() : [];
    const begun = seen !== null && seen.move.attempt === mark?.attempt ? seen : null;
    if (dryRun || id === null) return this.#report(begun?.move ?? null, differing);
    if (existing === "refuse" && differing.length > 0) throw this.#differ(differing);
    if (mark === null && this.#leaving.undecided > 0) throw undecided(this.#leaving.undecided);
    await checkVault(this.#target.documents, this.#vault);
    const marked = mark ?? (await this.#mark());
    const first = begun ?? (await this.#target.begin(id, seen, marked.attempt));
    if (first === null) throw this.#overtaken();
    const { move } = await this.#carry(id, marked, first);
    return this.#report(move, differing);
  }

  async #mark(): Promise<Mark> {
    const { shown, schema } = this.#options.database.place;
    const mark: Mark = {
      attempt: randomUUID(),
      to: shown,
      schema,
      begunAt: this.#now,
      messages: false,
      completedAt: null,
    };
    await this.#source.setMark(mark);
    return mark;
  }

  async #carry(id: string, begun: Mark, first: SeenMove): Promise<SeenMove> {
    const { onProgress, signal, existing } = this.#options;
    let mark = begun;
    let seen = first;
    let ahead: { readonly place: string; readonly part: Promise<Part> } | null = null;
    for (;;) {
      onProgress?.({ stage: seen.move.stage, arrived: seen.move.arrived, total: this.#total });
      const { stage } = seen.move;
      if (stage === "complete") {
        await this.#source.setMark({ ...mark, completedAt: await this.#target.time() });
        return seen;
      }
      if (signal?.aborted === true) return seen;
      if (stage === "messages" && !mark.messages) {
        if (await this.#target.hasNodes()) await pause(nodesHear);
        mark = { ...mark, messages: true };
        await this.#source.setMark(mark);
      }
      const place = placeOf(seen.move);
      const part: Part = ahead?.place === place ? await ahead.part : await this.#part(seen.move);
      const following = followingOf(part);
      const { stage: next } = following;
      // While this one is written, the next is read.
      ahead =
        next === "complete"
          ? null
          : { place: placeOf(following), part: this.#part({ stage: next, after: following.after }) };
      ahead?.part.catch(() => undefined);
      seen = await this.#take(id, mark, seen, part, following, existing);
    }
  }

  /** A database that is away is waited for. What an earlier try has committed is found by the place that it noted. */
  async #take(
    id: string,
    mark: Mark,
    seen: SeenMove,
    part: Part,
    following: Pick<Move, "stage" | "after">,
    existing: Existing,
  ): Promise<SeenMove> {
    const until = performance.now() + (this.#options.patienceMs ?? 60_000);
    for (let wait = 250; ; wait = Math.min(wait * 2, 4_000)) {
      try {
        const taken = await this.#target.take(id, seen, part, following, existing);
        if (taken !== null) return taken;
        const now = await this.#target.move(id);
        if (now === null || now.move.attempt !== mark.attempt) throw this.#overtaken();
        return now;
      } catch (error) {
        if (error instanceof DocumentsDiffer) throw this.#differ(error.names.map(shown));
        const stopped = this.#options.signal?.aborted === true;
        if (!isPassingTrouble(error) || stopped || performance.now() + wait > until) throw error;
        await pause(wait);
      }
    }
  }

  async #part(place: { readonly stage: Stage; readonly after: Move["after"] } | Move): Promise<Part> {
    const { stage, after } = place;
    if (stage === "complete") throw new Error("nothing comes after the end");
    const part = await this.#source.part({
      stage,
      after,
      limit: this.#options.partSize ?? 500,
      maxBytes: partBytes,
      now: this.#now,
      leave: this.#leaving,
    });
    return part.stage === "documents" ? { ...part, rows: [...part.rows, ...this.#leaving.added] } : part;
  }

  async #differing(): Promise<readonly string[]> {
    const part = await this.#part({ stage: "documents", after: [] });
    if (part.stage !== "documents") throw new Error("another part than was asked for");
    return (await this.#target.differing(part.rows)).map(shown);
  }

  #report(move: Move | null, differing: readonly string[]): Report {
    const { shown: to, schema } = this.#options.database.place;
    return {
      to,
      schema,
      complete: move?.stage === "complete",
      total: this.#total,
      arrived: move?.arrived ?? nothing,
      leaving: this.#leaving,
      differing,
      keys: this.#vault.holds,
    };
  }

  #differ(names: readonly string[]): MoveRefused {
    const { shown: to } = this.#options.database.place;
    return new MoveRefused(
      `${to} has ${names.length === 1 ? "this" : "these"} already, with other content: ${names.join(", ")}. ` +
        "Say --existing keep to leave the database's, or --existing replace to take this installation's.",
    );
  }

  #elsewhere(mark: Mark | null): MoveRefused {
    const { shown: to, schema } = this.#options.database.place;
    if (mark !== null) {
      return new MoveRefused(
        `The move was begun to ${mark.to} (schema ${mark.schema}), and mail may have gone there; ${to} (schema ${schema}) knows nothing of it. Go on with the same database.`,
      );
    }
    return new MoveRefused(
      `This installation was moved to ${to} (schema ${schema}) before, and ${this.#options.directory} is an older copy of it: its mail would be sent twice. Use the database; if the copy is what counts, move it into another schema.`,
    );
  }

  #overtaken(): MoveRefused {
    return new MoveRefused(
      `Another process moves this installation to ${this.#options.database.place.shown} at the same time. Let one of them end.`,
    );
  }
}

function undecided(messages: number): MoveRefused {
  return new MoveRefused(
    `${messages} messages wait that name no account, and nobody chose which one is the default. Choose with \`postrider account default <name>\`: an account, and they go by it; \`sandbox\`, and they stay behind with the sandbox.`,
  );
}

/** Whether mail may have been taken over. */
function hasMail({ stage, after }: Move): boolean {
  return stage === "complete" || (stage === "messages" && after.length > 0);
}

function followingOf(part: Part): Pick<Move, "stage" | "after"> {
  if (part.next !== null) return { stage: part.stage, after: part.next };
  return { stage: stages[stages.indexOf(part.stage) + 1] ?? "complete", after: [] };
}

const placeOf = ({ stage, after }: Pick<Move, "stage" | "after">) => JSON.stringify([stage, after]);

const shown = ({ kind, name }: { readonly kind: string; readonly name: string }) => `${kind} "${name}"`;
