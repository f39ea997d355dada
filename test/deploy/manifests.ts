// The deployment files as values, for the tests that hold them against the code.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const folder = new URL("../../deploy/", import.meta.url);

export const deployFile = (name: string) => fileURLToPath(new URL(name, folder));

export const text = (name: string) => readFileSync(deployFile(name), "utf8");

/** A YAML file with its anchors and merge keys resolved. */
export const yaml = (name: string) => parse(text(name), { merge: true }) as unknown;

/** Instructions of the Dockerfile's last stage by name, continued lines joined; each name's last value counts. */
export function finalStage(): ReadonlyMap<string, string> {
  const stage = text("Dockerfile")
    .replaceAll(/\\\n\s*/g, " ")
    .split(/^FROM /m)
    .at(-1)!;
  return new Map([...stage.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, name, value]) => [name!, value!]));
}

/** Seconds after which `serve` cuts dialogues off, from its arguments. */
export function graceOf(args: readonly string[]): number {
  const at = args.indexOf("--grace");
  return at === -1 ? 10 : Number(args[at + 1]);
}
