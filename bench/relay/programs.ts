// Programs that Debian's packages bring.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Its path; null where it is not installed. */
export function find(program: string): string | null {
  const places = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return places.map((place) => join(place, program)).find((path) => existsSync(path)) ?? null;
}

/** What it prints. @throws when it is not installed or fails. */
export function ask(program: string, ...args: readonly string[]): string {
  return execFileSync(find(program) ?? program, args, { encoding: "utf8", timeout: 10_000 }).trim();
}
