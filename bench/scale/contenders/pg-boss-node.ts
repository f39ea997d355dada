// A node of what an application builds on pg-boss: it queues and works in one process, in batches, woken by NOTIFY.
import { PgBoss } from "pg-boss";
import { answer } from "../../relay/asking.ts";
import { sinkConnections } from "../contender.ts";
import { nodeCalls, settingOfNode } from "../node.ts";
import { type Job, jobOf, mailer, queueName } from "./job.ts";

const { database, nth, nodes, sinkPort, lanes } = settingOfNode();
/** Connections to the database: pg-boss' worker and its callers share them. */
const pool = 20;
const connections = sinkConnections / nodes;

const boss = new PgBoss({ connectionString: database!, max: pool, useListenNotify: true, schedule: false });
boss.on("error", (error) => console.error(error));
await boss.start();
// The first node makes the queue; the others are started after it.
if (nth === 0)
  await boss.createQueue(queueName, {
    retryLimit: 5,
    retryDelay: 600,
    retryBackoff: true,
    deleteAfterSeconds: 60,
    notify: true,
  });
const send = mailer(sinkPort, connections);
await boss.work<Job>(
  queueName,
  {
    batchSize: connections,
    localConcurrency: 2,
    pollingIntervalSeconds: 0.5,
    burstWhenBatchFull: true,
    perJobResults: true,
  },
  (jobs) =>
    Promise.all(
      jobs.map(({ id, data }) =>
        send(data).then(
          () => ({ id, status: "completed" as const }),
          (error: Error) => ({ id, status: "failed" as const, output: { message: error.message } }),
        ),
      ),
    ),
);

answer(
  nodeCalls(nth, async (id, lane) => {
    await boss.send(queueName, jobOf(id, lane), lanes && lane === "urgent" ? { priority: 10 } : {});
  }),
);
