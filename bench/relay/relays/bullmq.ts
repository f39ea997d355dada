// What an application builds for itself: smtp-server in front, BullMQ on a Redis that syncs, nodemailer behind.
import { freePort, host, listening } from "../ports.ts";
import { find } from "../programs.ts";
import { connections, type Relay } from "../relay.ts";
import { remote } from "../workbench.ts";
import type { FrontCalls } from "./bullmq-front.ts";
import type { FrontSetting, WorkerSetting } from "./bullmq-job.ts";
import type { WorkerCalls } from "./bullmq-worker.ts";

export function bullmq({ lanes }: { readonly lanes: boolean }): Relay {
  return {
    label: lanes ? "BullMQ, job priorities" : "BullMQ, `appendfsync always`",
    missing() {
      if (find("redis-server") === null) return "Redis is not installed (apt-get install redis-server)";
      const absent = ["bullmq", "ioredis", "smtp-server"].find((name) => !isInstalled(name));
      return absent === undefined ? null : `${absent} is not installed (npm ci)`;
    },
    async start({ group, directory, sinkPort, signal }) {
      const redisPort = await freePort();
      const redis = {
        port: redisPort,
        bind: host,
        dir: directory,
        appendonly: "yes",
        appendfsync: "always",
        save: "",
        daemonize: "no",
      };
      const flags = Object.entries(redis).flatMap(([name, value]) => [`--${name}`, String(value)]);
      group.run(find("redis-server")!, flags);
      await listening(redisPort, () => group.ended(), signal);
      const front: FrontSetting = { redisPort, lanes };
      const worker: WorkerSetting = { redisPort, sinkPort, connections };
      const here = (file: string) => new URL(file, import.meta.url);
      await remote<WorkerCalls>(group, signal, "BullMQ's worker", here("bullmq-worker.ts"), worker);
      const entrance = await remote<FrontCalls>(
        group,
        signal,
        "BullMQ's front",
        here("bullmq-front.ts"),
        front,
      );
      return { kind: "smtp", port: await entrance.call(5_000, "port") };
    },
  };
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
