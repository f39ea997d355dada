// Where every relay's mail ends: counts it, knows when it came, and can be as slow as a busy provider.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { answer } from "./asking.ts";
import { instant } from "./instant.ts";
import { timedPrefix } from "./letter.ts";
import { host } from "./ports.ts";
import { SinkSession } from "./sink-session.ts";

/** Arrivals that are remembered. */
const mostTimed = 100_000;

interface Awaited {
  readonly reached: () => boolean;
  readonly tell: (at: number) => void;
}

let messages = 0;
let connections = 0;
let mostConnections = 0;
let opened = 0;
const timed = new Map<string, number>();
let awaiting: Awaited[] = [];
/** How long the reply to a whole message is held back, milliseconds; null: until this changes. */
let delayMs: number | null = 0;
let held: (() => void)[] = [];

function arrived(id: string, reply: () => void): void {
  messages += 1;
  const at = instant();
  if (id.startsWith(timedPrefix) && timed.size < mostTimed) timed.set(id, at);
  if (delayMs === null) held.push(reply);
  else if (delayMs === 0) reply();
  else setTimeout(reply, delayMs);
  const done = awaiting.filter(({ reached }) => reached());
  if (done.length === 0) return;
  awaiting = awaiting.filter((one) => !done.includes(one));
  for (const { tell } of done) tell(at);
}

/** Resolves with the instant of the arrival that made it true; null when the time is up. */
function until(reached: () => boolean, timeoutMs: number): Promise<number | null> {
  if (reached()) return Promise.resolve(instant());
  return new Promise((resolve) => {
    const awaited = {
      reached,
      tell: (at: number) => {
        clearTimeout(timer);
        resolve(at);
      },
    };
    const timer = setTimeout(() => {
      awaiting = awaiting.filter((one) => one !== awaited);
      resolve(null);
    }, timeoutMs);
    awaiting.push(awaited);
  });
}

const server = createServer({ noDelay: true }, (socket) => {
  connections += 1;
  opened += 1;
  mostConnections = Math.max(mostConnections, connections);
  const session = new SinkSession((text) => socket.write(text), arrived);
  socket.on("data", (chunk) => session.feed(chunk));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    connections -= 1;
  });
  session.greet();
});
server.listen(0, host, 1024);
await once(server, "listening");

const calls = {
  port: () => (server.address() as AddressInfo).port,
  counts: () => ({ messages, opened, mostConnections }),
  /** The instant at which so many messages in all had come; null when they have not within the time. */
  messages: (count: number, timeoutMs: number) => until(() => messages >= count, timeoutMs),
  /** When the messages came whose time is wanted, once there are so many or the time is up; forgets those before. */
  timed: async (count: number, timeoutMs: number) => {
    await until(() => timed.size >= count, timeoutMs);
    const arrivals = [...timed];
    timed.clear();
    return arrivals;
  },
  /** Holds back the replies to whole messages from now on; null holds them until the next call. */
  pace: (ms: number | null) => {
    delayMs = ms;
    mostConnections = connections;
    if (ms === null) return;
    const replies = held;
    held = [];
    for (const reply of replies) setTimeout(reply, ms);
  },
};
export type SinkCalls = typeof calls;

answer(calls);
