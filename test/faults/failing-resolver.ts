// Preloaded into a process: its resolver can be put out of order and mended while it runs.
import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";
import { BroadcastChannel } from "node:worker_threads";
import { type Steering, steering } from "./steering.ts";

/** libuv's numbers for what a resolver says: the name is not known; ask again later. */
const errnos: Readonly<Record<string, number>> = { ENOTFOUND: -3008, EAI_AGAIN: -3001 };

const lookup = dns.lookup as (...args: readonly unknown[]) => Promise<unknown>;
let fails: string | null = null;
const steered = async (...args: readonly unknown[]) => {
  if (fails === null) return lookup(...args);
  const error = new Error(`getaddrinfo ${fails} ${String(args[0])}`);
  throw Object.assign(error, { code: fails, errno: errnos[fails], syscall: "getaddrinfo" });
};
dns.lookup = steered as typeof dns.lookup;
syncBuiltinESMExports();

const channel = new BroadcastChannel(steering);
channel.onmessage = (event: unknown) => {
  const { data } = event as { readonly data: Steering };
  if ("resolverFails" in data) fails = data.resolverFails;
};
channel.unref();
