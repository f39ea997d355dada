import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";
import { newMessage } from "../delivery/message.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { figure, soak } from "./soak.ts";
import { Trial } from "./trial.ts";

const sizes = soak ? [0, 100_000, 1_000_000] : [0, 50_000];
/** What the database may keep of its file, and what the heap may grow by between two collections. */
const allowance = 128;
const body = `${randomBytes(1_500).toString("base64").replaceAll(/.{76}/g, "$&\r\n")}\r\n`;

/** As many messages in a queue that nobody has opened yet. */
async function fill(directory: string, count: number): Promise<void> {
  const store = await openSqliteStore({ directory });
  for (let from = 0; from < count; from += 1_000) {
    await store.accept(
      Array.from({ length: Math.min(1_000, count - from) }, () => {
        const message = newMessage(Date.now(), { lane: "bulk", lifetime: 5 * 86_400_000 });
        return { ...message, content: Buffer.concat([message.content, Buffer.from(body)]) };
      }),
    );
  }
  await store.close();
}

/** Of the process, in MiB: what is resident, and the most that ever was. */
function resident(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)![1]) / 1024;
  return { now: value("VmRSS"), peak: value("VmHWM") };
}

test("a process takes hardly more memory when a whole backlog waits than when nothing does", async () => {
  const trial = new Trial();
  const peer = await startPeer(trial);
  const measured: { readonly waiting: number; readonly now: number; readonly peak: number }[] = [];
  for (const waiting of sizes) {
    const data = join(trial.directory, `${waiting}`);
    mkdirSync(data);
    await fill(data, waiting);
    const app = await startApp(trial, {
      data,
      accounts: [
        { name: "main", host: "127.0.0.1", port: peer.port, security: "none", limits: { perSecond: 20 } },
      ],
    });
    // The same work for each: some mail taken in, some of it sent, and a look at what waits.
    const mark = peer.taken.length;
    await app.send({ name: `run${waiting}`, count: 500, lanes: ["urgent", "normal", "bulk"] });
    await trial.until("mail flows", () => peer.taken.length >= mark + 60);
    await app.depth();
    measured.push({ waiting, ...resident(app.pid) });
    await app.kill();
  }
  const [none] = measured;
  figure(
    "memory of a process with a backlog",
    measured
      .map(
        ({ waiting, now, peak }) =>
          `${waiting} messages waiting: ${now.toFixed(0)} MiB resident (most ${peak.toFixed(0)})`,
      )
      .join("; "),
  );
  for (const { peak } of measured) expect(peak - none!.peak).toBeLessThan(allowance);
});
