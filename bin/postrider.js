#!/usr/bin/env node
// Starts the command line: compiled code where there is some, else the sources, on a Node that can run them.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const required = 24;
const sources = new URL("../src/doors/cli/main.ts", import.meta.url);
const compiled = new URL("../dist/doors/cli/main.js", import.meta.url);

/** The Node that the dev dependency `node` brings to a checkout; null where it is not installed. */
function bundledNode() {
  try {
    const home = createRequire(import.meta.url).resolve("node/package.json");
    const binary = fileURLToPath(new URL("bin/node", `file://${home}`));
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

if (Number(process.versions.node.split(".")[0]) >= required) {
  // Most of what a short command costs is compiling. Node keeps the result in the user's own folder: in a shared
  // one, which is the default, others could plant code.
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "postrider"));
  const entry = existsSync(sources) ? sources : compiled;
  await import(entry.href);
} else {
  const node = bundledNode();
  if (node === null) {
    console.error(
      `postrider: Node.js ${required} or newer is needed; this is ${process.version}. See https://nodejs.org/`,
    );
    process.exit(3);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches the whole group by itself; whoever ends this process alone means the other.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`postrider: ${node} could not be started: ${error.message}`);
    process.exit(3);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 3);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
