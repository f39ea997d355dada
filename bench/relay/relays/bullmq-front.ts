// Takes mail over SMTP and answers once its job is in Redis.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Queue } from "bullmq";
import { SMTPServer } from "smtp-server";
import { answer } from "../asking.ts";
import { laneOf } from "../letter.ts";
import { host } from "../ports.ts";
import { type FrontSetting, type Job, queueName } from "./bullmq-job.ts";

const { redisPort, lanes }: FrontSetting = JSON.parse(process.argv[2] ?? "");

const queue = new Queue<Job>(queueName, {
  connection: { host, port: redisPort },
  defaultJobOptions: {
    attempts: 5,
    backoff: { type: "exponential", delay: 60_000 },
    removeOnComplete: true,
  },
});
/** Jobs without a priority come before all that have one. */
const behind = { priority: 10 };

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["AUTH", "STARTTLS"],
  disableReverseLookup: true,
  logger: false,
  onData(stream, session, callback) {
    const { mailFrom, rcptTo } = session.envelope;
    const from = mailFrom === false ? "" : mailFrom.address;
    const to = rcptTo.map(({ address }) => address);
    void buffer(stream)
      .then((content) =>
        queue.add(
          "send",
          { envelope: { from, to }, raw: content.toString("latin1") },
          lanes && laneOf(from) !== "urgent" ? behind : {},
        ),
      )
      .then(
        () => callback(null, "queued"),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
  },
});
server.on("error", (error) => console.error(error));
server.listen(0, host);
await once(server.server, "listening");

const calls = { port: () => (server.server.address() as AddressInfo).port };
export type FrontCalls = typeof calls;

answer(calls);
