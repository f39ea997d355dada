// A process that opens Postrider as an application does, does what its parent says, and says what it accepted at once.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { BroadcastChannel } from "node:worker_threads";
import { messageIdFor } from "../../src/messages/identity.ts";
import { createPostrider, PostriderError } from "../../src/postrider.ts";
import { StoreError } from "../../src/queue/store.ts";
import type { AppSetting, Command, Run, RunResult } from "./app.ts";
import { steering } from "./steering.ts";

const { tell = [], routes = [], ...options } = JSON.parse(process.argv[2]!) as AppSetting;
/** Never changes: to wait for it is to pause. */
const nothing = new Int32Array(new SharedArrayBuffer(4));
const told = new Set<string>(tell);
/** Between a refusal and the next try, and between two looks at what others do. Milliseconds. */
const pause = 100;

/** Written before anything else happens: a kill right after a promise does not lose the line. */
function say(word: string, value: unknown): void {
  const line = Buffer.from(`${word} ${JSON.stringify(value)}\n`);
  for (let written = 0; written < line.length; ) {
    try {
      written += writeSync(1, line, written);
    } catch (error) {
      // The parent is behind with reading.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(nothing, 0, 0, 1);
    }
  }
}

const post = await createPostrider({
  ...options,
  sandbox: false,
  onEvent: (event) => {
    if (told.has(event.type)) say("event", event);
  },
});
for (const route of routes) await post.putRoute(route);
const steer = new BroadcastChannel(steering);
steer.unref();
say("ready", process.pid);

const sender = "app@example.com";
const text = "It is what you asked for.\r\n".repeat(20);

/** One message of a run; its promise is told as soon as it is given. */
async function accept(run: Run, nth: number): Promise<string> {
  const lane = run.lanes[nth % run.lanes.length]!;
  const copies = run.recipients?.[nth % run.recipients.length] ?? 1;
  const to = run.to ?? Array.from({ length: copies }, (_, at) => `${run.name}-${nth}-${at}@example.net`);
  const { route = null, lifetimeMs, delayMs } = run;
  const now = Date.now();
  const course = {
    lane,
    route,
    ...(lifetimeMs === undefined ? {} : { expiresAt: now + lifetimeMs }),
    ...(delayMs === undefined ? {} : { notBefore: now + delayMs }),
  };
  const idempotency = run.keyed === true ? { key: `${run.name}-${nth}`, bodyHash: "the same" } : null;
  const context = { origin: run.origin ?? "library", idempotency };
  const subject = `${run.name} ${nth}`;
  if (run.raw !== true || nth % 2 === 0) {
    const from = run.from ?? sender;
    const body = text.repeat(run.bodies ?? 1);
    const { id } = await post.send({ from, to, subject, text: body, ...course }, context);
    if (run.silent !== true) say("accepted", [messageIdFor(id, from.slice(from.indexOf("@") + 1)), ...to]);
    return id;
  }
  const messageId = `<${run.name}.${nth}.${process.pid}.${now}@example.com>`;
  const head = `From: ${sender}\r\nTo: ${to[0]}\r\nMessage-ID: ${messageId}\r\nSubject: ${subject}\r\n\r\n`;
  const envelope = { from: sender, recipients: to };
  const { id } = await post.submit(Buffer.from(head + text), { envelope, ...course }, context);
  if (run.silent !== true) say("accepted", [messageId, ...to]);
  return id;
}

async function carryOut(run: Run): Promise<RunResult> {
  const ids: string[] = [];
  const refused: Record<string, number> = {};
  let next = 0;
  /** Whether it was accepted. */
  const tried = async (nth: number): Promise<boolean> => {
    try {
      ids.push(await accept(run, nth));
      return true;
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof PostriderError)) throw error;
      refused[error.problem] = (refused[error.problem] ?? 0) + 1;
      say("refused", error.problem);
      return false;
    }
  };
  const work = async () => {
    while (next < run.count) {
      const nth = next;
      next += 1;
      while (!(await tried(nth))) {
        if (run.untilRefused === true) return;
        if (run.untilAccepted !== true) break;
        await setTimeout(pause);
      }
    }
  };
  await Promise.all(Array.from({ length: run.width ?? 16 }, work));
  return { accepted: ids.length, refused, ids: run.count <= 1_000 ? ids : [] };
}

/** Resolves when nothing waits and nothing is under way, here or at another node, of whose work nothing is heard here. */
async function idle(): Promise<void> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = post.onEvent(() => resolve());
    try {
      if ((await post.messages.depth()).length === 0) return;
      await Promise.race([promise, setTimeout(pause)]);
    } finally {
      stop();
    }
  }
}

async function obey(command: Command): Promise<unknown> {
  switch (command.do) {
    case "send":
      return carryOut(command.run);
    case "steer":
      steer.postMessage(command.to);
      return null;
    case "resume":
      return post.resumeAccount(command.account);
    case "depth":
      return post.messages.depth();
    case "idle":
      return idle();
    case "prune":
      return post.prune();
    case "unready":
      return post.unreadiness();
    case "states":
      return (await post.messages.get(command.id)).recipients.map(({ address, state }) => [address, state]);
    case "attempts":
      return (await post.messages.attempts(command.id)).map(({ account, outcomes }) => ({
        account,
        events: outcomes.map(({ event }) => event),
      }));
    case "account":
      return post.accounts.get(command.name).parked?.verdict.cause ?? null;
    case "close":
      await post.close({ graceMs: command.graceMs });
      return null;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { nth, command } = JSON.parse(line) as { nth: number; command: Command };
  obey(command).then(
    (value) => {
      say("answer", [nth, value ?? null]);
      if (command.do === "close") process.exit(0);
    },
    (error: unknown) => {
      say("wrong", [nth, String(error instanceof Error ? error.stack : error)]);
    },
  );
}
