// Messages per second of our pool beside nodemailer's: the same messages, sink and number of connections,
// each sender in a process of its own, in turns within one run. Writes its table into docs/PERFORMANCE.md.
// ROUNDS=5 counted rounds, SCALE=1 length of each; `--no-write` prints the table only.
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../src/sandbox/certificates.ts";
import type { Figures, Order, SenderName, SenderSetting } from "./wire/sender.ts";
import { startSink, startTerminator } from "./wire/sink.ts";

const rounds = Number(process.env.ROUNDS ?? 5);
const scale = Number(process.env.SCALE ?? 1);
const connections = 10;
/** Rounds that do not count: the runtime compiles what is used often. */
const warmUps = 2;
const begins = "<!-- bench:wire -->";
const ends = "<!-- /bench:wire -->";

interface Row {
  readonly sender: SenderName;
  readonly tls: boolean;
  readonly reuse: boolean;
  /** Messages in one round. */
  readonly count: number;
}

/** Counts that take every sender about a second or two. */
const rows: readonly Row[] = [
  { sender: "postrider", tls: false, reuse: true, count: 12_000 },
  { sender: "nodemailer-raw", tls: false, reuse: true, count: 2_000 },
  { sender: "nodemailer", tls: false, reuse: true, count: 1_000 },
  { sender: "socket", tls: false, reuse: true, count: 16_000 },
  { sender: "postrider", tls: true, reuse: true, count: 6_000 },
  { sender: "nodemailer-raw", tls: true, reuse: true, count: 1_500 },
  { sender: "nodemailer", tls: true, reuse: true, count: 800 },
  { sender: "socket", tls: true, reuse: true, count: 6_000 },
  { sender: "postrider", tls: true, reuse: false, count: 600 },
  { sender: "nodemailer-raw", tls: true, reuse: false, count: 300 },
];

const names: Readonly<Record<SenderName, string>> = {
  postrider: "Postrider's pool",
  "nodemailer-raw": "nodemailer's pool, ready-made bytes",
  nodemailer: "nodemailer's pool, composing",
  socket: "bare pipelining socket",
};

interface Running {
  readonly row: Row;
  run(): Promise<Figures>;
  stop(): void;
}

async function start(row: Row, setting: SenderSetting): Promise<Running> {
  const child = fork(new URL("./wire/sender.ts", import.meta.url), [JSON.stringify(setting)]);
  await once(child, "message");
  return {
    row,
    async run() {
      const order: Order = { count: Math.max(10, Math.round(row.count * scale)) };
      child.send(order);
      const [figures] = await Promise.race([
        once(child, "message"),
        once(child, "exit").then(() => Promise.reject(new Error(`${row.sender} has ended early`))),
      ]);
      return figures as Figures;
    },
    stop: () => child.kill(),
  };
}

const load = loadavg()[0]!.toFixed(1);
const directory = mkdtempSync(join(tmpdir(), "postrider-bench-"));
const { keyPem, certPem } = await selfSigned({ names: ["127.0.0.1"] });
const sink = await startSink();
const terminator = await startTerminator(directory, keyPem, certPem, sink.port);
const running: Running[] = [];
try {
  for (const row of rows) {
    const port = row.tls ? terminator.port : sink.port;
    const ca = row.tls ? certPem : null;
    running.push(await start(row, { sender: row.sender, port, ca, reuse: row.reuse, connections }));
  }
  const seen = new Map<Row, Figures[]>(rows.map((row) => [row, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const sender of running) {
      const figures = await sender.run();
      if (round >= 0) seen.get(sender.row)!.push(figures);
    }
  }
  const text = report(seen);
  console.log(text);
  if (!process.argv.includes("--no-write")) write(text);
} finally {
  for (const sender of running) sender.stop();
  await terminator.stop();
  await sink.stop();
  rmSync(directory, { recursive: true, force: true });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
}

function report(seen: ReadonlyMap<Row, readonly Figures[]>): string {
  /** How many times faster ours was, as the median over the rounds: other work on the machine hits both of a round. */
  const ours = (row: Row, sender: SenderName) => {
    const other = rows.find(({ tls, reuse, ...rest }) => {
      return rest.sender === sender && tls === row.tls && reuse === row.reuse;
    });
    if (row.sender !== "postrider" || other === undefined) return "";
    const theirs = seen.get(other)!;
    return `${median(seen.get(row)!.map(({ rate }, round) => rate / theirs[round]!.rate)).toFixed(1)} ×`;
  };
  const lines = [...seen].map(([row, figures]) => {
    const rates = figures.map(({ rate }) => rate);
    const range = `${whole(median(rates))} (${whole(Math.min(...rates))}–${whole(Math.max(...rates))})`;
    const cpu = median(figures.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2);
    const how = `${row.tls ? "TLS" : "plain"}, ${row.reuse ? "reused" : "one per message"}`;
    const cells = [how, names[row.sender], range, ours(row, "nodemailer-raw"), ours(row, "nodemailer"), cpu];
    return `| ${cells.join(" | ")} |`;
  });
  const [cpu] = cpus();
  return [
    `\`npm run bench:wire\`: 4 KB messages over ${connections} connections; median (least–most) of ${rounds} rounds,`,
    `ratios round by round; senders in turns, each in a process of its own. Sink: ${sink.name}; TLS: ${terminator.name} before it, on the`,
    `same machine. ${cpus().length} × ${cpu?.model.trim()}, ${whole(totalmem() / 2 ** 30)} GiB, Linux ${release().split("-")[0]}, load ${load} before,`,
    `Node ${process.versions.node}, nodemailer ${nodemailerVersion()}; ${new Date().toISOString().slice(0, 10)}.`,
    "",
    "| connections | sender | messages/s | ours to ready-made bytes | ours to composing | CPU s per 1 000 |",
    "|---|---|---|---|---|---|",
    ...lines,
    "",
    "Postrider and the bare socket send ready-made bytes. The bare socket checks nothing and can do nothing else: it",
    "is the ceiling, not a client. Both clients verify the certificate.",
  ].join("\n");
}

function nodemailerVersion(): string {
  const manifest = new URL("../node_modules/nodemailer/package.json", import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}

function write(text: string): void {
  const file = new URL("../docs/PERFORMANCE.md", import.meta.url);
  const section = `${begins}\n${text}\n${ends}`;
  const page = existsSync(file) ? readFileSync(file, "utf8") : "# Performance\n";
  const from = page.indexOf(begins);
  const to = page.indexOf(ends);
  writeFileSync(
    file,
    from >= 0 && to > from
      ? page.slice(0, from) + section + page.slice(to + ends.length)
      : `${page.trimEnd()}\n\n## Sending, beside nodemailer\n\n${section}\n`,
  );
}
