// Takes jobs out of Redis and sends them through nodemailer's pool.
import { Worker } from "bullmq";
import { createTransport } from "nodemailer";
import { answer } from "../asking.ts";
import { host } from "../ports.ts";
import { type Job, queueName, type WorkerSetting } from "./bullmq-job.ts";

const { redisPort, sinkPort, connections }: WorkerSetting = JSON.parse(process.argv[2] ?? "");

const transport = createTransport({
  host,
  port: sinkPort,
  ignoreTLS: true,
  name: "relay.bench.test",
  pool: true,
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
});
const worker = new Worker<Job>(
  queueName,
  async ({ data: { envelope, raw } }) => {
    await transport.sendMail({
      envelope: { ...envelope, to: [...envelope.to] },
      raw: Buffer.from(raw, "latin1"),
    });
  },
  // BullMQ wants a connection that never gives up: https://docs.bullmq.io/guide/connections
  { connection: { host, port: redisPort, maxRetriesPerRequest: null }, concurrency: connections },
);
worker.on("error", (error) => console.error(error));
await worker.waitUntilReady();

const calls = {};
export type WorkerCalls = typeof calls;

answer(calls);
