// One sender in its own process: the parent says how many messages, it answers how fast they went.
import { createTransport } from "nodemailer";
import { SmtpPool } from "../../src/smtp/client.ts";
import { barePipelining } from "./bare-socket.ts";
import { from, parts, readyMade, to } from "./message.ts";

export type SenderName = "postrider" | "nodemailer" | "nodemailer-raw" | "socket";

export interface SenderSetting {
  readonly sender: SenderName;
  readonly port: number;
  /** For implicit TLS: the certificate to trust. */
  readonly ca: string | null;
  /** Or a connection for each message. */
  readonly reuse: boolean;
  readonly connections: number;
}

export interface Order {
  readonly count: number;
}

export interface Figures {
  /** Messages per second. */
  readonly rate: number;
  /** Of this process, for a thousand messages. */
  readonly cpuSeconds: number;
}

type Run = (count: number) => Promise<void>;

/** Keeps `window` messages on their way until `count` are through. */
async function keepBusy(window: number, count: number, sendOne: () => Promise<void>): Promise<void> {
  let started = 0;
  const lane = async () => {
    while (started < count) {
      started += 1;
      await sendOne();
    }
  };
  await Promise.all(Array.from({ length: Math.min(window, count) }, lane));
}

function postrider({ port, ca, reuse, connections }: SenderSetting): Run {
  const pool = new SmtpPool({
    connect: {
      endpoint: { host: "127.0.0.1", port, security: ca === null ? "none" : "tls" },
      clientName: "bench.test",
      ...(ca !== null && { ca: [ca] }),
    },
    maxConnections: connections,
    maxMessagesPerConnection: reuse ? Number.MAX_SAFE_INTEGER : 1,
  });
  const envelope = { from, to: [{ address: to }] };
  return (count) =>
    keepBusy(reuse ? connections * 2 : connections, count, async () => {
      const { recipients } = await pool.send(envelope, readyMade);
      if (!recipients[0]?.ok) throw recipients[0]?.failure ?? new Error("no outcome");
    });
}

function nodemailer({ sender, port, ca, reuse, connections }: SenderSetting): Run {
  const common = {
    host: "127.0.0.1",
    port,
    secure: ca !== null,
    ignoreTLS: ca === null,
    name: "bench.test",
    ...(ca !== null && { tls: { ca } }),
  };
  const transport = reuse
    ? createTransport({
        ...common,
        pool: true,
        maxConnections: connections,
        maxMessages: Number.POSITIVE_INFINITY,
      })
    : createTransport(common);
  const sendOne =
    sender === "nodemailer"
      ? () => transport.sendMail({ from, to, ...parts })
      : () => transport.sendMail({ envelope: { from, to: [to] }, raw: readyMade });
  return (count) =>
    keepBusy(reuse ? connections * 2 : connections, count, async () => {
      await sendOne();
    });
}

const setting: SenderSetting = JSON.parse(process.argv[2] ?? "");
const makers = { postrider, nodemailer, "nodemailer-raw": nodemailer, socket: barePipelining };
const run = makers[setting.sender](setting);

process.on("message", async ({ count }: Order) => {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await run(count);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const figures: Figures = { rate: count / seconds, cpuSeconds: (user + system) / 1000 / count };
  process.send?.(figures);
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
