// Preloaded into a process: its clock can be set ahead and back while it runs.
import { BroadcastChannel } from "node:worker_threads";
import { type Steering, steering } from "./steering.ts";

const trueNow = Date.now;
let offset = 0;
Date.now = () => trueNow() + offset;

const channel = new BroadcastChannel(steering);
channel.onmessage = (event: unknown) => {
  const { data } = event as { readonly data: Steering };
  if ("clockMs" in data) offset = data.clockMs;
};
channel.unref();
