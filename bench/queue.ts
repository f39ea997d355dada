// Messages per second through the queue: accepting from concurrent callers, claiming, recording, one by one and with a
// backlog. Every accepted message and every outcome is on stable storage before it counts.
// Run: node bench/queue.ts [directory] [--waiting N] [--streams N] [--fsyncs]
// --waiting: how long a claim takes with so many messages waiting. --streams: how many origins share what waits.
// --fsyncs: counts them, by strace, which makes everything slower.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openSqliteStore } from "../src/queue/sqlite/open.ts";
import type { Claim, ClaimRequest, NewMessage } from "../src/queue/store.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    waiting: { type: "string", default: "0" },
    streams: { type: "string", default: "1" },
    fsyncs: { type: "boolean", default: false },
    trace: { type: "string" },
  },
});

const now = 1_800_000_000_000;
let made = 0;

function message(given: Partial<NewMessage> = {}, bodyBytes = 4096): NewMessage {
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
    ...given,
  };
}

const directory = mkdtempSync(join(resolve(positionals[0] ?? tmpdir()), "postrider-bench-"));
const trace = flags.trace;

/** How often a disk was waited for so far; null when nobody counts. */
function fsyncs(): number | null {
  if (trace === undefined) return null;
  return readFileSync(trace, "utf8").match(/\b(fsync|fdatasync)\(/g)?.length ?? 0;
}

async function measure(what: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const before = fsyncs();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const cells = [
    what.padEnd(40),
    `${String(Math.round((count / ms) * 1000)).padStart(7)}/s`,
    `${String(Math.round((user + system) / count)).padStart(5)} µs CPU each`,
  ];
  if (before !== null) cells.push(`${((fsyncs()! - before) / count).toFixed(3)} fsyncs each`);
  console.log(cells.join("  "));
}

function percentiles(what: string, ms: readonly number[]): void {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)]!.toFixed(2);
  console.log(`${what.padEnd(40)}  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms`);
}

async function bench(): Promise<void> {
  const store = await openSqliteStore({ directory });
  const claim = (given: Partial<ClaimRequest> = {}) =>
    store.claim({ now, limit: 100, maxBytes: 1 << 26, leaseMs: 60_000, owner: "bench", ...given });
  const accept = (claims: readonly Claim[]) =>
    store.record(
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
    await measure("claim and record, 100 at a time", made, async () => {
      const worker = async () => {
        for (;;) {
          const { claims } = await claim();
          if (claims.length === 0) return;
          await accept(claims);
        }
      };
      await Promise.all([worker(), worker()]);
    });
    const count = 10_000;
    await measure("accept, claim, record at once", count, async () => {
      let left = count;
      let open = count;
      const caller = async () => {
        while (left-- > 0) await store.accept([message()]);
      };
      const worker = async () => {
        while (open > 0) {
          const { claims } = await claim({ limit: 20 });
          open -= claims.length;
          await accept(claims);
        }
      };
      await Promise.all([worker(), worker(), ...Array.from({ length: 50 }, caller)]);
    });
    await measure("accept, claim, record, one by one", 500, async () => {
      for (let n = 0; n < 500; n++) {
        await store.accept([message()]);
        await accept((await claim({ limit: 1 })).claims);
      }
    });

    const waiting = Number(flags.waiting);
    if (waiting > 0) {
      const streams = Number(flags.streams);
      await measure(`accept ${waiting}, of ${streams} origins`, waiting, async () => {
        for (let n = 0; n < waiting; n += 500) {
          const batch = Array.from({ length: Math.min(500, waiting - n) }, (_, k) =>
            message({ origin: `origin ${(n + k) % streams}` }, 500),
          );
          await store.accept(batch);
        }
      });
      for (const limit of [0, 1, 100]) {
        const took: number[] = [];
        for (let round = 0; round < 200; round++) {
          const start = performance.now();
          await claim({ limit });
          took.push(performance.now() - start);
        }
        percentiles(`claim of ${limit} with ${waiting} waiting`, took);
      }
      const start = performance.now();
      await store.depth();
      percentiles("depth", [performance.now() - start]);
      console.log(`resident ${Math.round(process.memoryUsage.rss() / 1e6)} MB`);
      console.log(`on disk ${Math.round(statSync(join(directory, "postrider.db")).size / 1e6)} MB`);
    }
  } finally {
    await store.close();
  }
}

try {
  if (flags.fsyncs) {
    const file = join(directory, "trace");
    const args = process.argv.slice(2).filter((one) => one !== "--fsyncs");
    const strace = ["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", file];
    const { error } = spawnSync(
      "strace",
      [...strace, process.execPath, import.meta.filename, ...args, "--trace", file],
      { stdio: "inherit" },
    );
    if (error) throw new Error(`strace cannot be run (${error.message}); measure without --fsyncs`);
  } else await bench();
} finally {
  rmSync(directory, { recursive: true });
}
