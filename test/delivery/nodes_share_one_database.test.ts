import { expect, onTestFinished, test } from "vitest";
import { AccountBook } from "../../src/accounts/accounts.ts";
import { CredentialSource } from "../../src/accounts/credentials.ts";
import { Routes } from "../../src/accounts/routes.ts";
import { testVault } from "../../src/accounts/testing.ts";
import { Delivery } from "../../src/delivery/delivery.ts";
import type { DeliveryEvent } from "../../src/delivery/events.ts";
import { SharedClock } from "../../src/delivery/shared-clock.ts";
import { Duties } from "../../src/queue/duties.ts";
import { openPostgresStore } from "../../src/queue/postgres/open.ts";
import { answer } from "../../src/sandbox/answer.ts";
import { freshStoreOptions } from "../postgres/shared.ts";
import { newMessage } from "./message.ts";
import { startPeer } from "./world.ts";

/** Nodes as processes have them: each with its own connections, clock, accounts and routes. */
async function startCluster(
  port: number,
  limits: { readonly connections: number; readonly perSecond?: number },
) {
  const options = await freshStoreOptions();
  const vault = testVault();
  const node = async (owner: string) => {
    const store = await openPostgresStore({ ...options, owner });
    const clock = (await SharedClock.open({ store }))!;
    const now = () => clock.now();
    const { documents, shares } = store;
    const accounts = await AccountBook.open({ documents, vault, now });
    if (accounts.find("main") === null)
      await accounts.add(
        { name: "main", host: "127.0.0.1", port, security: "none", limits },
        { kind: "none" },
      );
    const routes = await Routes.open(documents, accounts);
    const credentials = new CredentialSource({ accounts, now });
    const events: DeliveryEvent[] = [];
    let tell: () => void = () => undefined;
    const delivery = new Delivery({
      store,
      accounts,
      routes,
      credentials,
      owner,
      clock,
      shared: { shares, duties: new Duties({ documents, owner, now }) },
      onEvent: (event) => {
        events.push(event);
        tell();
      },
    });
    delivery.start();
    let stopped = false;
    const stop = async () => {
      if (!stopped) await delivery.stop();
      stopped = true;
    };
    onTestFinished(async () => {
      await stop();
      clock.close();
      credentials.close();
      await store.close();
    });
    const until = async (reached: () => boolean) => {
      while (!reached()) await new Promise<void>((resolve) => (tell = resolve));
    };
    const count = (type: DeliveryEvent["type"]) => events.filter((event) => event.type === type).length;
    return { store, clock, delivery, stop, until, count };
  };
  return { first: await node("first"), second: await node("second") };
}

test("two nodes on one database send each message once, and open no more connections than the account may have", async () => {
  let mostOpen = 0;
  const peer = await startPeer({
    content: () => {
      mostOpen = Math.max(mostOpen, peer.counts.open);
      return null;
    },
  });
  const { first, second } = await startCluster(peer.port, { connections: 4, perSecond: 80 });
  const batch = () => Array.from({ length: 200 }, () => newMessage(first.clock.now(), { lane: "bulk" }));
  let accepted = 0;
  // As long as there is work for both, each comes to its part.
  while (first.count("sent") === 0 || second.count("sent") === 0) {
    await first.store.accept(batch());
    accepted += 200;
    await peer.until(accepted);
  }
  await first.stop();
  await second.stop();
  expect(first.count("sent") + second.count("sent")).toBe(accepted);
  expect(new Set(peer.received.map(({ messageId }) => messageId)).size).toBe(accepted);
  expect(peer.received).toHaveLength(accepted);
  expect(mostOpen).toBeLessThanOrEqual(4);
});

test("an account with one connection goes to the other node when the first stops", async () => {
  const peer = await startPeer();
  const { first, second } = await startCluster(peer.port, { connections: 1 });
  await first.store.accept([newMessage(first.clock.now())]);
  await Promise.race([first, second].map(({ until, count }) => until(() => count("sent") === 1)));
  const [holder, next] = first.count("sent") === 1 ? [first, second] : [second, first];
  await holder.stop();
  await next.store.accept([newMessage(next.clock.now())]);
  await next.until(() => next.count("sent") === 1);
  expect(peer.received).toHaveLength(2);
});

test("that an endpoint is down is known to a node that has sent nothing, and that it is up again", async () => {
  let busy = true;
  const peer = await startPeer({ greet: () => (busy ? answer(421, "4.3.2 Too busy") : null) });
  const { first, second } = await startCluster(peer.port, { connections: 1 });
  await first.store.accept([newMessage(first.clock.now(), { lane: "urgent" })]);
  const isDown = ({ delivery }: typeof first) => delivery.accountStates()[0]!.endpoints[0]!.down !== null;
  const nodes = [first, second];
  const both = async (reached: (node: typeof first) => boolean) => {
    while (!nodes.every(reached))
      await new Promise<void>((resolve) => {
        const end = second.store.watch({
          onDocuments: () => {
            end();
            setImmediate(resolve);
          },
        });
        first.clock.after(200, () => {
          end();
          resolve();
        });
      });
  };
  await both(isDown);
  busy = false;
  await peer.until(1);
  await both((node) => !isDown(node));
  expect(first.count("endpoint-down") + second.count("endpoint-down")).toBe(1);
  expect(first.count("endpoint-up") + second.count("endpoint-up")).toBe(1);
});
