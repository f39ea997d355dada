import { expect, test } from "vitest";
import { startApp } from "./app.ts";
import { smallDisk } from "./disk.ts";
import { mostInFlight } from "./in-flight.ts";
import { startPeer } from "./peer.ts";
import { figure } from "./soak.ts";
import { Trial } from "./trial.ts";

const connections = 5;
const inFlight = mostInFlight(connections);

test("a full disk refuses what it cannot keep and says so; what was accepted before is delivered, and nothing else", async (context) => {
  const trial = new Trial();
  const { ledger } = trial;
  const disk = smallDisk(context, trial, 32);
  const peer = await startPeer(trial);
  const app = await startApp(trial, {
    data: disk.data,
    accounts: [{ name: "main", host: "127.0.0.1", port: peer.port, security: "none" }],
    tell: ["delivery-paused", "delivery-resumed"],
  });
  await app.send({ name: "before", count: 300, lanes: ["bulk"] });
  disk.fill();
  const full = await app.send({
    name: "full",
    count: 20_000,
    lanes: ["bulk", "urgent"],
    bodies: 16,
    untilRefused: true,
  });
  expect(Object.keys(full.refused)).toEqual(["disk-full"]);
  disk.empty();
  const after = await app.send({ name: "after", count: 300, lanes: ["normal"] });
  expect(after).toMatchObject({ accepted: 300, refused: {} });
  await trial.untilComplete();
  await app.idle();
  figure(
    "a full disk while accepting",
    `${full.refused["disk-full"]} refused and told so, ${ledger.messages} accepted before, meanwhile and after: ${ledger.missing.length} lost, ${ledger.doubles} doubled`,
  );
  expect(ledger.doubles).toBe(0);
  // What was refused must not leave after all.
  expect(ledger.delivered).toBe(ledger.promised);
});

test.for([
  "goes on",
  "is killed",
] as const)("a disk that fills up while outcomes are written stops delivery, and an application that %s then loses nothing", async (what, context) => {
  const trial = new Trial();
  const { ledger } = trial;
  const disk = smallDisk(context, trial, 32);
  const peer = await startPeer(trial, {
    rules: { content: () => ({ do: "late", ms: 20, answer: { code: 250, lines: ["2.0.0 Taken"] } }) },
  });
  const setting = {
    data: disk.data,
    accounts: [
      { name: "main", host: "127.0.0.1", port: peer.port, security: "none", limits: { connections } },
    ],
    tell: ["delivery-paused", "delivery-resumed"],
  } as const;
  let app = await startApp(trial, setting);
  await app.send({ name: "mail", count: 600, lanes: ["bulk", "normal", "urgent"], width: 64 });
  const mark = peer.taken.length;
  await trial.until("mail flows", () => peer.taken.length > mark + 50);
  disk.fill();
  await trial.until("delivery stops", () => app.events.some(({ type }) => type === "delivery-paused"));
  const stoppedAt = ledger.delivered;
  const vain = await app.send({ name: "vain", count: 100, lanes: ["urgent"], bodies: 16, width: 2 });
  expect(vain).toMatchObject({ accepted: 0, refused: { "disk-full": 100 } });
  expect(ledger.delivered - stoppedAt).toBeLessThanOrEqual(inFlight);
  if (what === "is killed") await app.kill();
  disk.empty();
  if (what === "is killed") app = await startApp(trial, setting);
  await trial.untilComplete();
  await app.idle();
  figure(
    `a full disk while outcomes are written, and the application ${what}`,
    `${ledger.messages} messages, ${stoppedAt} sent before: ${ledger.missing.length} lost, ${ledger.doubles} doubled (at most ${inFlight} were in flight)`,
  );
  expect(ledger.doubles).toBeLessThanOrEqual(what === "is killed" ? inFlight : 0);
});
