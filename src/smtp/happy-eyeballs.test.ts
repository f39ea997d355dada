import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { Deadline } from "./deadline.ts";
import { connectFirst } from "./happy-eyeballs.ts";
import { closedPort, neverAnswers } from "./testing.ts";

const cleanup: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const end of cleanup.splice(0)) end();
});

async function listen(host: string, port = 0): Promise<Server> {
  const server = createServer((socket) => {
    cleanup.push(() => socket.destroy());
    socket.on("error", () => undefined);
  });
  cleanup.push(() => server.close());
  await once(server.listen(port, host), "listening");
  return server;
}

/** Where a host with these addresses is reached, when some are to be avoided. */
async function reached(port: number, hosts: readonly string[], avoided: readonly string[]): Promise<string> {
  const addresses = hosts.map((address) => ({ address, family: 4 }));
  const deadline = new Deadline(20_000, undefined);
  cleanup.push(() => deadline.end());
  const avoid = (address: string) => avoided.includes(address);
  const { socket, address } = await connectFirst(addresses, port, deadline, avoid);
  socket.destroy();
  return address.replace(`:${port}`, "");
}

it("an address to avoid is passed over for one that answers, and taken when none does", async () => {
  const { port } = (await listen("127.0.0.1")).address() as AddressInfo;
  await listen("127.0.0.3", port);
  const hosts = ["127.0.0.1", "127.0.0.3"];
  expect(await reached(port, hosts, [])).toBe("127.0.0.1");
  expect(await reached(port, hosts, ["127.0.0.1"])).toBe("127.0.0.3");
  expect(await reached(port, hosts, hosts)).toBe("127.0.0.1");
  // Nobody listens on the only one that is not to be avoided.
  expect(await reached(port, ["127.0.0.1", "127.0.0.4"], ["127.0.0.1"])).toBe("127.0.0.1");
});

it("an address to avoid is tried beside one that stays silent, but only after two seconds", async () => {
  const port = await closedPort();
  await neverAnswers(port, (end) => cleanup.push(end));
  const server = await listen("127.0.0.1", port);
  let tried = false;
  server.once("connection", () => {
    tried = true;
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const where = reached(port, ["127.0.0.1", "127.0.0.2"], ["127.0.0.1"]);
  vi.advanceTimersByTime(1_999);
  // A connection to this machine that had begun would stand by now.
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(tried).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await where).toBe("127.0.0.1");
});
