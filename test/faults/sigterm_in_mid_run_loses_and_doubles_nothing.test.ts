import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/queue/sqlite/open.ts";
import { makeKey, postrider, type Serving, type Started, serve } from "../doors/processes.ts";
import { mostInFlight } from "./in-flight.ts";
import { type Peer, startPeer } from "./peer.ts";
import { figure } from "./soak.ts";
import { Trial } from "./trial.ts";

const messages = 400;
/** As an account has of which nobody says more. */
const inFlight = mostInFlight(5);

/** A server with an account at the peer, that has accepted all messages. */
async function startMailing(trial: Trial, peer: Peer): Promise<Started<Serving>> {
  const data = trial.directory;
  const key = await makeKey(data, "sending");
  const place = ["--host", "127.0.0.1", "--port", String(peer.port), "--security", "none", "--no-auth"];
  const from = ["--from", "app@example.com", "--default", "--data", data];
  expect(await postrider(["account", "add", "peer", ...place, ...from])).toMatchObject({ code: 0 });
  const server = await serve(data);
  let next = 0;
  const submit = async () => {
    while (next < messages) {
      const nth = next;
      next += 1;
      const mail = {
        from: "app@example.com",
        to: `mail-${nth}@example.net`,
        subject: "Hello",
        text: "Hello",
      };
      const response = await fetch(`${server.said.url}/emails`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ ...mail, lane: nth % 2 === 0 ? "bulk" : "normal" }),
      });
      expect(response.status).toBe(200);
      const { id } = (await response.json()) as { readonly id: string };
      trial.ledger.promise(`<${id}@example.com>`, [mail.to]);
    }
  };
  await Promise.all(Array.from({ length: 16 }, submit));
  return server;
}

/** Recipients by state, as the next process finds them, and how many of those that wait it can have at once. */
async function left(directory: string): Promise<{ readonly sending: number; readonly atOnce: number }> {
  const store = await openSqliteStore({ directory });
  const depth = await store.depth();
  const request = { now: Date.now(), limit: messages, maxBytes: 2 ** 30, leaseMs: 1, owner: "test" };
  const { claims } = await store.claim(request);
  await store.close();
  const sending = depth.filter(({ state }) => state === "sending");
  return { sending: sending.reduce((sum, { recipients }) => sum + recipients, 0), atOnce: claims.length };
}

test("a server told to stop in the middle of a run ends its dialogues and hands the rest back, and the next one goes on at once", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  const peer = await startPeer(trial, {
    rules: { content: () => ({ do: "late", ms: 50, answer: { code: 250, lines: ["2.0.0 Taken"] } }) },
  });
  const server = await startMailing(trial, peer);
  const mark = peer.taken.length;
  await trial.until("mail flows", () => peer.taken.length >= mark + 40);
  process.kill(server.said.pid, "SIGTERM");
  expect(await server.ended).toEqual({ code: 0, signal: null });
  const sent = ledger.delivered;
  expect(await left(trial.directory)).toEqual({ sending: 0, atOnce: messages - sent });

  await serve(trial.directory);
  await trial.untilComplete();
  figure(
    "SIGTERM in the middle of a run",
    `${messages} messages, ${sent} sent before the process ended: ${messages - sent} handed back and sent by the next, ${ledger.missing.length} lost, ${ledger.doubles} doubled`,
  );
  expect(sent).toBeLessThan(messages);
  expect(ledger.doubles).toBe(0);
});

test("a second SIGTERM ends the server at once, with dialogues under way, and loses nothing", async () => {
  const trial = new Trial();
  const { ledger } = trial;
  let silent = true;
  let answered = 0;
  const peer = await startPeer(trial, {
    rules: {
      // After the first ones taken, and never answered: to wait for the end of these dialogues would be in vain.
      content: () => {
        answered += 1;
        return silent && answered > 20 ? { do: "silence" } : null;
      },
    },
  });
  const server = await startMailing(trial, peer);
  await trial.until("dialogues are under way", () => answered >= 24);
  process.kill(server.said.pid, "SIGTERM");
  const stopping = new Promise<void>((resolve) => {
    const look = () => {
      if (server.err().includes("stopping")) resolve();
    };
    server.child.stderr.on("data", look);
    look();
  });
  await stopping;
  process.kill(server.said.pid, "SIGTERM");
  expect(await server.ended).toEqual({ code: 128 + 15, signal: null });
  // It did not stay to record how they end.
  const { sending } = await left(trial.directory);
  expect(sending).toBeGreaterThanOrEqual(4);

  silent = false;
  await serve(trial.directory);
  await trial.untilComplete();
  figure(
    "a second SIGTERM",
    `${messages} messages, ${inFlight} at most in flight: ${ledger.missing.length} lost, ${ledger.doubles} doubled`,
  );
  expect(ledger.doubles).toBeLessThanOrEqual(inFlight);
});
