// Messages per second through the queue: accepting from concurrent callers, then claiming and recording.
// Every accepted message is on stable storage before it counts. Run: node bench/queue.ts [directory]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openSqliteStore } from "../src/queue/sqlite/open.ts";
import type { NewMessage } from "../src/queue/store.ts";

const now = 1_800_000_000_000;
const bodyBytes = 4096;
let made = 0;

function message(): NewMessage {
  const n = ++made;
  return {
    id: `01a00000-0000-7000-8000-${String(n).padStart(12, "0")}`,
    messageId: `<${n}@example.com>`,
    lane: "normal",
    route: null,
    envelopeFrom: "app@example.com",
    recipients: [`user${n}@example.net`],
    view: {
      from: "App <app@example.com>",
      to: [`user${n}@example.net`],
      cc: [],
      bcc: [],
      replyTo: [],
      subject: "Your order has been shipped",
      tags: [],
    },
    content: new Uint8Array(bodyBytes).fill(120),
    sensitive: false,
    createdAt: now,
    notBefore: null,
    expiresAt: now + 172_800_000,
    origin: "bench",
    idempotency: null,
  };
}

const directory = mkdtempSync(join(resolve(process.argv[2] ?? tmpdir()), "postrider-bench-"));
const store = await openSqliteStore({ directory });

async function measure(what: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const perMessage = Math.round((user + system) / count);
  console.log(
    `${what.padEnd(34)} ${String(Math.round((count / ms) * 1000)).padStart(7)}/s  ${String(perMessage).padStart(5)} µs CPU each`,
  );
}

try {
  for (const [callers, count] of [
    [1, 1_000],
    [10, 10_000],
    [50, 20_000],
    [200, 20_000],
  ] as const) {
    await measure(`accept, ${callers} callers`, count, async () => {
      let left = count;
      const caller = async () => {
        while (left-- > 0) await store.accept([message()]);
      };
      await Promise.all(Array.from({ length: callers }, caller));
    });
  }
  const total = made;
  await measure("claim and record, 100 at a time", total, async () => {
    const worker = async (owner: string) => {
      for (;;) {
        const { claims } = await store.claim({ now, limit: 100, maxBytes: 1 << 26, leaseMs: 60_000, owner });
        if (claims.length === 0) return;
        await store.record(
          claims.map(({ id, lease }) => ({
            messageId: id,
            lease,
            startedAt: now,
            endedAt: now,
            account: "main",
            peer: "mail.example.com:587 (192.0.2.1)",
            outcomes: [{ index: 0, event: "accept" }],
            transcript: [],
            counts: true,
          })),
        );
      }
    };
    await Promise.all([worker("one"), worker("two")]);
  });
} finally {
  await store.close();
  rmSync(directory, { recursive: true });
}
