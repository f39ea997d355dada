// Breaks one connection at every point of its dialogue, and says how often each message arrived in the end.
import type { Lane } from "../../src/messages/lanes.ts";
import type { Rules } from "../../src/sandbox/rules.ts";
import type { Timeouts } from "../../src/smtp/options.ts";
import { startApp } from "./app.ts";
import { startPeer } from "./peer.ts";
import { type Fate, type Point, startProxy } from "./proxy.ts";
import { Trial } from "./trial.ts";

const parts = ["before", "in", "after"] as const;
type Part = (typeof parts)[number];

export interface Case {
  readonly name: string;
  readonly point: Point;
  /** The server has the whole message, and the client has no reply to it. */
  readonly unknown: boolean;
}

function at(
  side: "command" | "reply",
  word: string,
  nth: number,
  isUnknown: (part: Part) => boolean,
): Case[] {
  const the = side === "reply" ? "the " : "";
  return parts.map((part) => {
    return { name: `${part} ${the}${word}`, point: { side, nth, part }, unknown: isUnknown(part) };
  });
}

/** How a server is spoken to, and all points of that dialogue. */
export interface DialogueCases {
  readonly rules: Partial<Rules>;
  readonly cases: readonly Case[];
}

/** Each command waits for the reply to the one before. */
export const stepwise: DialogueCases = {
  rules: { capabilities: () => ["SIZE 10000000", "8BITMIME"] },
  cases: [
    ...["EHLO", "MAIL", "RCPT", "DATA", "content"].flatMap((word, nth) =>
      at("command", word, nth, (part) => word === "content" && part === "after"),
    ),
    ...["greeting", "reply to EHLO", "reply to MAIL", "reply to RCPT", "354", "last reply"].flatMap(
      (word, nth) => at("reply", word, nth, (part) => word === "last reply" && part !== "after"),
    ),
  ],
};

/** PIPELINING and CHUNKING: what is small leaves in one write with its envelope, so that the server has it whole before its first reply. */
export const pipelined: DialogueCases = {
  rules: {},
  cases: ["greeting", "reply to EHLO", "reply to MAIL", "reply to RCPT", "last reply"].flatMap((word, nth) =>
    at("reply", word, nth, (part) => nth >= 2 && !(word === "last reply" && part === "after")),
  ),
};

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
  lane: Lane,
  { rules, cases }: DialogueCases,
): Promise<readonly Outcome[]> {
  const trial = new Trial();
  const peer = await startPeer(trial, { rules });
  const proxies = await Promise.all(cases.map(({ point }) => startProxy(peer.port, [{ point, fate }])));
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
  await trial.until("each has an outcome", () => app.events.length >= cases.length);
  const whole = cases.filter((_, at) => proxies[at]!.broken === 0).map(({ name }) => name);
  if (whole.length > 0) throw new Error(`nothing was broken ${whole.join(", ")}`);
  return Promise.all(
    cases.map(async ({ name }, at) => {
      const [[address, state]] = (await app.states(sent[at]!.ids[0]!)) as [readonly [string, string]];
      return { name, copies: trial.ledger.copiesTo(address), state };
    }),
  );
}
