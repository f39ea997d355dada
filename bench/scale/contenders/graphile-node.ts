// A node of what an application builds on graphile-worker: it queues and works in one process.
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { Pool } from "pg";
import { answer } from "../../relay/asking.ts";
import { sinkConnections } from "../contender.ts";
import { nodeCalls, settingOfNode } from "../node.ts";
import { type Job, jobOf, mailer, queueName } from "./job.ts";

const { database, nth, nodes, sinkPort, lanes } = settingOfNode();
const connections = sinkConnections / nodes;
/** One for each job at a time, one that listens, and some for the callers. */
const pool = connections + 4;
/**
 * The fastest setting: jobs are fetched ahead and their completions written in batches. What was fetched ahead is not
 * overtaken, so with priorities it is left out.
 */
const batches = {
  localQueue: { size: 200 },
  completeJobBatchDelay: 5,
  failJobBatchDelay: 5,
};

const pgPool = new Pool({ connectionString: database!, max: pool });
pgPool.on("error", (error) => console.error(error));
const utils = await makeWorkerUtils({ pgPool });
await utils.migrate();
const send = mailer(sinkPort, connections);
await run({
  pgPool,
  taskList: { [queueName]: (payload) => send(payload as Job) },
  preset: { worker: { concurrentJobs: connections, ...(lanes ? {} : batches) } },
  logger: new Logger(() => () => undefined),
  noHandleSignals: true,
});

answer(
  nodeCalls(nth, async (id, lane) => {
    const priority = lanes ? { priority: lane === "urgent" ? -10 : 0 } : {};
    await utils.addJob(queueName, jobOf(id, lane), { maxAttempts: 5, ...priority });
  }),
);
