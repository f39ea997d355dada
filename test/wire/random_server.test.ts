// Whatever a server says, in whatever pieces, and however it ends: the client comes to an end with a value,
// says nothing of a secret, believes no acceptance that was not given, and leaves nothing behind.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { connect, type SmtpConnection } from "../../src/smtp/client.ts";
import type { Link } from "../../src/smtp/dial.ts";
import { SmtpFailure } from "../../src/smtp/failure.ts";
import { open } from "../../src/smtp/open.ts";
import type { ConnectOptions, Envelope, Mechanism } from "../../src/smtp/options.ts";
import type { SendResult } from "../../src/smtp/result.ts";
import { stages } from "../../src/smtp/stage.ts";
import type { TranscriptLine } from "../../src/smtp/transcript.ts";
import { MemorySocket } from "./memory-socket.ts";
import { Random, randomDialogue, secret } from "./random-dialogue.ts";

const seed = Number(process.env.WIRE_SEED ?? Math.floor(Math.random() * 2 ** 32));
const streams = 100_000;
const overTcp = 2_000;
/** Under way at a time: enough to keep the event loop busy, few enough to tell a leak from a crowd. */
const together = 64;

const mechanisms: readonly Mechanism[] = ["SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5"];
const plain = Buffer.from("Subject: x\r\n\r\n.dot\r\nline\r\n");
const forms = [
  secret,
  Buffer.from(secret).toString("base64").slice(0, -4),
  Buffer.from(`\0user\0${secret}`).toString("base64"),
];

function randomOptions(random: Random, port: number): ConnectOptions {
  const signIn = random.int(4);
  return {
    endpoint: { host: "127.0.0.1", port, security: "none" },
    clientName: "client.test",
    ...(signIn === 0 && { credentials: { username: "user", password: secret } }),
    ...(signIn === 1 && { credentials: { username: "user", accessToken: secret } }),
    ...(signIn === 2 && {
      credentials: { username: "user", password: secret, mechanisms: [random.pick(mechanisms)] },
    }),
  };
}

function randomEnvelope(random: Random): Envelope {
  const to = Array.from({ length: 1 + random.int(3) }, (_, i) => ({ address: `to${i}@wire.test` }));
  return { from: random.once(10) ? "" : "from@wire.test", to };
}

/** What the client does with one connection, from connecting to the end. */
async function converse(
  random: Random,
  options: ConnectOptions,
  connecting: Promise<SmtpConnection>,
): Promise<void> {
  const check = checks(options.credentials === undefined ? [] : forms);
  const connection = await connecting.catch((error: unknown) => {
    check.failure(error);
    return null;
  });
  if (connection === null) return;
  const sending: Promise<SendResult>[] = [];
  for (let i = random.int(3); i > 0; i--) sending.push(connection.send(randomEnvelope(random), plain));
  for (const result of await Promise.all(sending)) check.result(result);
  if (random.once(3)) check.result(await connection.tryEnvelope(randomEnvelope(random)));
  if (random.once(3)) await connection.noop().catch(check.failure);
  check.transcript(connection.transcript);
  if (random.once(2)) await connection.quit();
  else connection.destroy();
}

/** What must hold of everything the client says; none of `hidden` may occur in it. */
function checks(hidden: readonly string[]) {
  function text(said: string): void {
    for (const form of hidden) if (said.includes(form)) throw new Error(`a secret is shown: ${said}`);
    if (/(?!\t)\p{Cc}/u.test(said)) throw new Error(`a control character is shown: ${JSON.stringify(said)}`);
  }

  function transcript(lines: readonly TranscriptLine[]): void {
    if (lines.length > 501) throw new Error(`a transcript of ${lines.length} lines`);
    for (const line of lines) text(line.text);
  }

  function failure(error: unknown): void {
    if (!(error instanceof SmtpFailure)) throw error;
    const { stage, certainty, kind, code, received = "" } = error.facts;
    if (!stages.includes(stage)) throw new Error(`no such stage: ${stage}`);
    // In a group with the only chunk of BDAT, the content is on its way before MAIL is answered.
    if (certainty === "unknown" && !["mail", "rcpt", "content"].includes(stage))
      throw new Error(`unknown in ${stage}`);
    if (kind !== "reply" && !code) throw new Error(`a ${kind} failure without a code`);
    if (error.message === "" || received.length > 200)
      throw new Error("an empty message or too much received");
    text(`${error.message} ${received} ${JSON.stringify(error.facts)}`);
  }

  function result({ recipients, reply, transcript: lines }: SendResult): void {
    for (const recipient of recipients) {
      if (!recipient.ok) failure(recipient.failure);
      else if (recipient.reply.code < 200 || recipient.reply.code > 299)
        throw new Error(`taken for accepted: ${recipient.reply.code}`);
    }
    if (recipients.some(({ ok }) => ok) && reply !== null && reply.code > 299)
      throw new Error(`accepted by ${reply.code}`);
    transcript(lines);
  }

  return { failure, result, transcript };
}

/** Plays a dialogue into a socket, some pieces at a time, and ends it in one of the ways there are. */
function play(random: Random, socket: MemorySocket, abort: AbortController): Promise<void> {
  const pieces = randomDialogue(random);
  const atOnce = random.pick([1, 1, 1, 2, 5, 1000]);
  const ending = random.int(4);
  return new Promise((played) => {
    const next = () => {
      for (const piece of pieces.splice(0, atOnce)) if (!socket.destroyed) socket.push(piece);
      if (pieces.length > 0 && !socket.destroyed) {
        setImmediate(next);
        return;
      }
      if (ending === 0) socket.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
      else if (ending === 1) socket.destroy();
      else if (ending === 2) abort.abort();
      // Also ends a dialogue that `abort` no longer reaches.
      setImmediate(() => {
        if (!socket.destroyed) socket.push(null);
        played();
      });
    };
    next();
  });
}

async function inMemory(random: Random): Promise<void> {
  const abort = new AbortController();
  const socket = new MemorySocket();
  const link: Link = { socket, address: "127.0.0.1:25", tls: null };
  const options = { ...randomOptions(random, 25), signal: abort.signal };
  const talking = converse(
    random,
    options,
    open(options, undefined, async () => link),
  );
  await Promise.all([talking, play(random, socket, abort)]);
}

/** Runs `cases` of them, `together` at a time; a failure names the number that makes it again. */
async function run(cases: number, one: (random: Random) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < cases) {
      const number = next++;
      await within(number, one(new Random(seed + number)));
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
}

async function within(number: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = globalThis.setTimeout(() => reject(new Error("it hangs")), 10_000);
  });
  try {
    await Promise.race([work, hang]);
  } catch (error) {
    throw new Error(`stream ${number} of WIRE_SEED=${seed}: ${error}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

// Failures are made by the ten thousand here, and nobody reads where.
Error.stackTraceLimit = 0;
setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** How many handles of the kinds that a client makes keep the process alive. */
function handles(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { Timeout: 0, TCPSocketWrap: 0, TCPServerWrap: 0, TLSWrap: 0 };
  for (const kind of process.getActiveResourcesInfo()) if (kind in counts) counts[kind]! += 1;
  return counts;
}

/** Kinds of handles of which there are more than before; what was ended with a word of parting stays for a moment. */
async function leftOver(before: Readonly<Record<string, number>>): Promise<readonly string[]> {
  const more = () =>
    Object.entries(handles()).flatMap(([kind, count]) => (count > before[kind]! ? [kind] : []));
  for (let i = 0; i < 250 && more().length > 0; i++) await setTimeout(20);
  return more();
}

it(`${streams} random byte streams end without a hang, a crash or a leak`, { timeout: 170_000 }, async () => {
  await run(2_000, inMemory);
  const before = { heap: heap(), handles: handles(), open: MemorySocket.open };
  await run(streams, inMemory);
  expect(MemorySocket.open).toBe(before.open);
  expect(await leftOver(before.handles)).toEqual([]);
  // The smallest part of a connection that is kept would show as hundreds of megabytes.
  expect(heap() - before.heap).toBeLessThan(32 * 1024 * 1024);
});

it(`${overTcp} of them over TCP leave no socket and no timer`, { timeout: 60_000 }, async () => {
  const before = handles();
  let accepted = 0;
  const server = createServer((socket) => {
    const random = new Random(seed + accepted++);
    socket.on("error", () => undefined).resume();
    const pieces = randomDialogue(random);
    const next = () => {
      const piece = pieces.shift();
      if (socket.destroyed) return;
      if (piece !== undefined) socket.write(piece, () => setImmediate(next));
      else if (random.once(3)) socket.resetAndDestroy();
      else socket.end();
    };
    next();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await run(overTcp, (random) => {
    const options = randomOptions(random, port);
    return converse(random, options, connect(options));
  });
  await new Promise((closed) => server.close(closed));
  expect(await leftOver(before)).toEqual([]);
});
