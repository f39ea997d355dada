import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { DutySetting } from "./duty-child.ts";
import { startDatabase } from "./nodes.ts";
import { figure, size } from "./soak.ts";
import { Trial } from "./trial.ts";

const script = fileURLToPath(new URL("duty-child.ts", import.meta.url));
const processes = 3;
const deaths = size(2, 30);

interface Candidate {
  readonly words: readonly string[];
  kill(): Promise<void>;
}

test("a duty is one process's at a time, and another's after its process was killed", async () => {
  const trial = new Trial();
  const { url } = await startDatabase();
  const setting: DutySetting = { url, name: "sweeping", forMs: 5_000 };
  const begin = (): Candidate => {
    const child = spawn(process.execPath, [script, JSON.stringify(setting)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    const words: string[] = [];
    let expected = false;
    createInterface({ input: child.stdout }).on("line", (line) => {
      words.push(line);
      trial.changed();
    });
    child.once("close", (code, signal) => {
      if (!expected) trial.fail(new Error(`a process ended (${code ?? signal})`));
    });
    const kill = async () => {
      expected = true;
      child.kill("SIGKILL");
      await ended;
    };
    onTestFinished(kill);
    return { words, kill };
  };
  const has = ({ words }: Candidate) => words.at(-1) === "has it";

  const alive = Array.from({ length: processes }, begin);
  for (let death = 0; death < deaths; death += 1) {
    await trial.until("all are there", () => alive.every(({ words }) => words.length > 0));
    await trial.until("somebody has the duty", () => alive.some(has));
    expect(alive.filter(has)).toHaveLength(1);
    const [doing] = alive.splice(alive.findIndex(has), 1);
    await doing!.kill();
    alive.push(begin());
  }
  await trial.until("somebody has the duty", () => alive.some(has));
  figure(
    "a duty whose process dies",
    `${deaths} kills of the one of ${processes} processes that had it: each time one other had it after`,
  );
  expect(alive.filter(has)).toHaveLength(1);
  expect(alive.flatMap(({ words }) => words)).not.toContain("lost it");
});
