import { expect, test } from "vitest";
import { CredentialSource } from "../../src/accounts/credentials.ts";
import { Delivery } from "../../src/delivery/delivery.ts";
import { answer } from "../../src/sandbox/answer.ts";
import { startPeer, startWorld } from "./world.ts";

const right = "right-password";

/** A world whose only account has a wrong password, with one message parked for it and nobody delivering. */
async function parkedAndStopped() {
  const peer = await startPeer({
    signIn: (_, { proof }) =>
      proof.kind === "password" && proof.password === right ? null : answer(535, "5.7.8 No"),
  });
  const world = await startWorld();
  const secret = { kind: "password", password: "wrong-password" } as const;
  await world.account("main", peer.port, { username: "ann@example.com", provider: null }, secret);
  const [id] = await world.send({});
  await world.until("parked");
  await world.delivery.stop();
  return { peer, world, id: id! };
}

/** What a new process makes of the same queue and accounts. */
function startAgain({ accounts, routes, store, clock }: Awaited<ReturnType<typeof startWorld>>): Delivery {
  const credentials = new CredentialSource({ accounts, now: () => clock.now() });
  const delivery = new Delivery({ accounts, routes, credentials, store, clock, owner: "next" });
  delivery.start();
  return delivery;
}

test("mail that was parked when its account was mended goes out at the next start", async () => {
  const { peer, world, id } = await parkedAndStopped();
  await world.accounts.update("main", {}, { kind: "password", password: right });
  const delivery = startAgain(world);
  await peer.until(1);
  await delivery.stop();
  expect(await world.states(id)).toEqual(["sent"]);
});

test("mail of an account that is still parked stays where it is", async () => {
  const { peer, world, id } = await parkedAndStopped();
  const other = await startPeer();
  await world.account("other", other.port);
  const delivery = startAgain(world);
  await world.store.accept([]);
  await delivery.stop();
  expect((await world.message(id)).recipients).toMatchObject([{ state: "parked", attempts: 1 }]);
  expect(peer.counts.signInFailures).toBe(1);
  expect(other.received).toEqual([]);
});
