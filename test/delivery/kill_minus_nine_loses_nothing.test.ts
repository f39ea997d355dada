import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { type Peer, startPeer } from "./world.ts";

const script = fileURLToPath(new URL("kill-child.ts", import.meta.url));
const rounds = 6;
/** On five connections, and handed over while earlier outcomes were being written. */
const mostInFlight = 5 + 32;

/** A process on the directory; every line it says goes to `onLine`. */
function start(
  directory: string,
  port: number,
  mode: "accepting" | "delivering",
  onLine: (line: string) => void,
) {
  const child = spawn(process.execPath, [script, directory, String(port), mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  createInterface({ input: child.stdout }).on("line", onLine);
  return { kill: () => child.kill("SIGKILL"), ended };
}

async function untilKilled(
  directory: string,
  peer: Peer,
  accepted: Set<string>,
  messages: number,
): Promise<void> {
  const target = peer.received.length + messages;
  const child = start(directory, peer.port, "accepting", (line) => {
    const [word, messageId] = line.split(" ");
    if (word === "accepted") accepted.add(messageId!);
  });
  // Counted at the peer, so that the kill comes while mail is flowing.
  await Promise.race([peer.until(target), child.ended]);
  child.kill();
  await child.ended;
}

test("processes killed in the middle of accepting and delivering lose nothing, and double no more than was in flight", async () => {
  const directory = mkdtempSync(join(tmpdir(), "postrider-kill-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const peer = await startPeer();
  const accepted = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    await untilKilled(directory, peer, accepted, 1 + Math.floor(Math.random() * 300));
  }
  const last = start(directory, peer.port, "delivering", () => undefined);
  const delivered = () => new Set(peer.received.map(({ messageId }) => messageId));
  const missing = () => [...accepted].filter((messageId) => !delivered().has(messageId)).length;
  const gone = last.ended.then(() => {
    if (missing() > 0) throw new Error("the delivering process ended by itself");
  });
  for (let left = missing(); left > 0; left = missing()) {
    await Promise.race([peer.until(peer.received.length + Math.min(left, 100)), gone]);
  }
  last.kill();
  await gone;

  expect(missing()).toBe(0);
  expect(accepted.size).toBeGreaterThan(rounds);
  const doubles = peer.received.length - delivered().size;
  expect(doubles).toBeLessThanOrEqual(rounds * mostInFlight);
});
