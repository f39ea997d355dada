// Breaks one connection at every point of its dialogue, and says how often each message arrived in the end.
import type { Lane } from "../../src/messages/lanes.ts";
import type { Timeouts } from "../../src/smtp/options.ts";
import { startApp } from "./app.ts";
import { startPeer, stepByStep } from "./peer.ts";
import { type Fate, type Point, startProxy } from "./proxy.ts";
import { Trial } from "./trial.ts";

/** In their order, as a server without PIPELINING hears and says them. */
const commands = ["EHLO", "MAIL", "RCPT", "DATA", "content"] as const;
const replies = ["greeting", "reply to EHLO", "reply to MAIL", "reply to RCPT", "354", "last reply"] as const;

export interface Case {
  readonly name: string;
  readonly point: Point;
  /** The server has the whole message, and the client has no reply to it. */
  readonly unknown: boolean;
}

const parts = ["before", "in", "after"] as const;

export const cases: readonly Case[] = [
  ...commands.flatMap((word, nth) =>
    parts.map((part) => ({
      name: `${part} ${word}`,
      point: { side: "command" as const, nth, part },
      unknown: word === "content" && part === "after",
    })),
  ),
  ...replies.flatMap((word, nth) =>
    parts.map((part) => ({
      name: `${part} the ${word}`,
      point: { side: "reply" as const, nth, part },
      unknown: word === "last reply" && part !== "after",
    })),
  ),
];

/** Long enough for a busy machine, short enough to wait for. Milliseconds. */
export const shortTimeouts: Timeouts = {
  connect: 4_000,
  tls: 4_000,
  greeting: 2_000,
  command: 2_000,
  data: 2_000,
  block: 2_000,
  final: 2_000,
};

export interface Outcome {
  readonly name: string;
  readonly copies: number;
  readonly state: string;
}

/**
 * A message for each point, each by an account of its own whose first connection meets `fate` there; all at once.
 * Resolves when each was delivered and has come to rest.
 */
export async function breakEverywhere(
  fate: Fate,
  { lane, of = cases }: { readonly lane: Lane; readonly of?: readonly Case[] },
): Promise<readonly Outcome[]> {
  const trial = new Trial();
  const peer = await startPeer(trial, { rules: stepByStep });
  const proxies = await Promise.all(of.map(({ point }) => startProxy(peer.port, [{ point, fate }])));
  const accounts = proxies.map(({ port }, at) => {
    return { name: `way-${at}`, host: "127.0.0.1", port, security: "none" } as const;
  });
  const app = await startApp(trial, {
    accounts,
    connecting: { timeouts: shortTimeouts },
    tell: ["sent", "unknown"],
  });
  const sent = await Promise.all(
    accounts.map(({ name }) => app.send({ name, count: 1, lanes: [lane], route: name, bodies: 8 })),
  );
  await trial.untilComplete();
  await trial.until("each has an outcome", () => app.events.length >= of.length);
  const whole = of.filter((_, at) => proxies[at]!.broken === 0).map(({ name }) => name);
  if (whole.length > 0) throw new Error(`nothing was broken ${whole.join(", ")}`);
  return Promise.all(
    of.map(async ({ name }, at) => {
      const [[address, state]] = (await app.states(sent[at]!.ids[0]!)) as [readonly [string, string]];
      return { name, copies: trial.ledger.copiesTo(address), state };
    }),
  );
}
