// Checks that a room imports only from floors below it (docs/ARCHITECTURE.md, "The house").
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** From the ground up. The doors stand side by side and may not lean on each other. */
const floors = [
  "version.ts",
  "smtp",
  "providers",
  "causes",
  "messages",
  "queue",
  "accounts",
  "doctor",
  "delivery",
  "templates",
  "recovery",
  "events",
  "sandbox",
  "recipes",
  "error.ts",
  "retention.ts",
  "storage.ts",
  "following.ts",
  "readiness.ts",
  "history.ts",
  "waiting.ts",
  "suppressions.ts",
  "acceptance.ts",
  "refusing.ts",
  "intake.ts",
  "housekeeping.ts",
  "standing.ts",
  "options.ts",
  "leaving.ts",
  "migrate.ts",
  "opening.ts",
  "postrider.ts",
  "doors/http",
  "doors/cli",
];

/** A test stands on the floor of what it tests. */
const floorOf = (path: string) => {
  const tested = path.replace(/\.test\.ts$/, ".ts");
  return floors.findIndex((room) => tested === `src/${room}` || path.startsWith(`src/${room}/`));
};

const complaints: string[] = [];
for (const file of globSync("src/**/*.ts").map(normalize)) {
  const from = floorOf(file);
  if (from < 0) {
    complaints.push(`${file}: stands in no room; name its room in scripts/floors.ts or move it`);
    continue;
  }
  const source = readFileSync(file, "utf8");
  for (const match of source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
    const target = normalize(join(dirname(file), match[1]!));
    const to = floorOf(target);
    // Tests may use the servers that test/ has for them.
    if (file.endsWith(".test.ts") && target.startsWith("test/")) continue;
    if (!target.startsWith("src/")) complaints.push(`${file}: imports ${target}, which is outside src/`);
    else if (to > from) complaints.push(`${file}: imports ${target}, a floor above its own (${floors[to]})`);
  }
}
for (const line of complaints) console.error(line);
if (complaints.length > 0) process.exit(1);
console.log(`floors: ${floors.length} rooms, every import goes down`);
