// The README's first minute is true, command by command, also on a machine whose own Node is older.
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { bin, freshDirectory, outcomeOf, root, serve, start } from "./processes.ts";

/** The shell commands of the first block under a heading of the README. */
function commandsUnder(heading: string): string {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const section = readme.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const block = /```sh\n([\s\S]*?)```/.exec(section)?.[1];
  if (block === undefined) throw new Error(`the README has no commands under "${heading}"`);
  return block;
}

test("the README's first minute works as it is written", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  const { said } = await serve(data);
  const written = commandsUnder("The first minute");
  expect(written).toContain("http://127.0.0.1:2580");
  const commands = written.replaceAll("http://127.0.0.1:2580", said.url);
  const shell = start({
    command: ["bash", "-euo", "pipefail", "-c", commands],
    args: [],
    env: { POSTRIDER_DATA: data },
  });
  const { code, out, err } = await outcomeOf(shell);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  // The answer to the request, the outcome of the second mail, both in the list, the first one in full.
  expect(out).toMatch(/\{"id":"[0-9a-f-]{36}"\}/);
  expect(out).toMatch(/^sent\s+ben@example\.com/m);
  expect(out).toMatch(/^1\s.*ann@example\.com\s+Reset your password$/m);
  expect(out).toMatch(/^2\s.*ben@example\.com\s+Hello$/m);
  expect(out).toContain("https://example.com/reset/3f9c");
});

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};

test("`npm start` serves", () => {
  expect(manifest.scripts.start).toBe("node bin/postrider.js serve");
});

test("`npx postrider` works in a checkout", async () => {
  const run = start({ command: ["npx", "--no-install", "postrider"], args: ["--version"] });
  expect(await outcomeOf(run)).toMatchObject({ code: 0, out: `${manifest.version}\n` });
});

test("every Node on this machine starts it", async () => {
  const nodes = (process.env.PATH ?? "")
    .split(delimiter)
    .map((directory) => join(directory, "node"))
    .filter((node) => existsSync(node));
  for (const node of new Set(nodes)) {
    const run = start({ command: [node, bin], args: ["--version"] });
    expect([node, await outcomeOf(run)]).toMatchObject([node, { code: 0, out: `${manifest.version}\n` }]);
  }
});

test("an older Node hands over to the one that the dev dependency brings", async () => {
  const older = `data:text/javascript,${encodeURIComponent(
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.0.0" } });',
  )}`;
  const good = start({ command: [process.execPath, "--import", older, bin], args: ["--version"] });
  expect(await outcomeOf(good)).toMatchObject({ code: 0, out: `${manifest.version}\n` });
  // The exit code of what it started is its own.
  const bad = start({ command: [process.execPath, "--import", older, bin], args: ["no-such-command"] });
  expect(await outcomeOf(bad)).toMatchObject({ code: 2, out: "" });
});
