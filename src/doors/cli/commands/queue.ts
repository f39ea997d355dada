// `postrider queue`: what waits, how each account stands, and what it may still send.
import { Command } from "commander";
import type { Verdict } from "../../../causes/verdict.ts";
import type { RecipientState } from "../../../messages/states.ts";
import { type CommonFlags, span, withApi, withCommon, within } from "../common.ts";
import { paintState } from "../message-report.ts";
import { type Output, plain } from "../output.ts";

interface Depth {
  readonly lane: string;
  readonly state: RecipientState;
  readonly recipients: number;
  readonly oldest: string;
}

interface Down {
  readonly until: string;
  readonly verdict: Verdict;
}

interface Standing {
  readonly name: string;
  readonly state: "good" | "parked" | "down" | "rests";
  readonly until: string | null;
  readonly verdict: Verdict | null;
  readonly endpoints: readonly { readonly endpoint: string; readonly down: Down | null }[];
  readonly unit: string;
  readonly slowedTo: number | null;
  readonly budgets: readonly {
    readonly window: string;
    readonly limit: number;
    readonly spent: number;
    readonly keptForUrgent: number;
    readonly nearEnd: boolean;
  }[];
  readonly inHand: number;
  readonly connections: { readonly open: number; readonly limit: number };
}

export function queueCommand(): Command {
  return withCommon(
    new Command("queue").summary("what waits, by lane and state; how each account stands"),
  ).action(async (flags: CommonFlags) => {
    await withApi(flags, async (api, out) => {
      const queue = await api.request<{ data: Depth[]; accounts: Standing[] }>("GET", "/api/v1/queue");
      out.data(queue);
      const now = Date.now();
      showDepths(out, queue.data, now);
      if (queue.accounts.length === 0) return;
      out.line();
      showStandings(out, queue.accounts, now);
    });
  });
}

const titles = (out: Output, ...names: readonly string[]) => names.map((name) => out.paint("dim", name));

function showDepths(out: Output, depths: readonly Depth[], now: number): void {
  if (depths.length === 0) {
    out.line("The queue is empty.");
    return;
  }
  out.table([
    titles(out, "LANE", "STATE", "RECIPIENTS", "OLDEST"),
    ...depths.map(({ lane, state, recipients, oldest }) => [
      lane,
      paintState(out, state),
      String(recipients),
      span(now - Date.parse(oldest)),
    ]),
  ]);
}

function showStandings(out: Output, standings: readonly Standing[], now: number): void {
  const rows = standings.flatMap((standing) => {
    const { name, inHand, connections } = standing;
    const [first = "no limit known", ...more] = budgetsOf(out, standing);
    return [
      [
        name,
        stateOf(out, standing, now),
        String(inHand),
        `${connections.open} of ${connections.limit}`,
        first,
      ],
      ...more.map((budget) => ["", "", "", "", budget]),
    ];
  });
  out.table([titles(out, "ACCOUNT", "STATE", "IN HAND", "CONNECTIONS", "SPENT"), ...rows]);
  for (const standing of standings) showTrouble(out, standing, now);
}

function stateOf(out: Output, { state, until }: Standing, now: number): string {
  switch (state) {
    case "good":
      return out.paint("green", "good");
    case "parked":
      return out.paint("red", "parked");
    case "down":
      return out.paint("red", "down");
    case "rests":
      return out.paint("yellow", `rests, ${span(until === null ? 0 : Date.parse(until) - now)} more`);
  }
}

function budgetsOf(out: Output, { budgets, unit }: Standing): readonly string[] {
  return budgets.map(({ window, limit, spent, keptForUrgent, nearEnd }) => {
    const text = `${spent} of ${limit} ${unit} ${within(window)}`;
    const kept = keptForUrgent === 0 ? "" : out.paint("dim", `, ${keptForUrgent} kept for urgent`);
    return `${nearEnd ? out.paint("yellow", `${text}: near its end`) : text}${kept}`;
  });
}

/** What is wrong with an account, and what to do about it. */
function showTrouble(out: Output, standing: Standing, now: number): void {
  const { name, state, verdict, endpoints, slowedTo } = standing;
  const lines: string[] = [];
  if (state === "parked" && verdict !== null)
    lines.push(
      why(verdict),
      `Its mail is kept. A new secret: postrider account change ${name}; mended elsewhere: postrider account resume ${name}`,
    );
  else if (state === "rests" && verdict !== null) lines.push(`${why(verdict)} It goes on by itself.`);
  for (const { endpoint, down } of endpoints)
    if (down !== null)
      lines.push(
        `${endpoint} is down; ${again(down, now)}. ${why(down.verdict)} What is wrong: postrider test ${name}`,
      );
  if (slowedTo !== null)
    lines.push(`slowed to ${Math.round(slowedTo)} messages a minute: its provider found it too fast.`);
  if (lines.length === 0) return;
  out.line();
  for (const line of lines) out.prose(line, `${out.paint("bold", name)}  `);
}

function again({ until }: Down, now: number): string {
  const left = Date.parse(until) - now;
  return left <= 0 ? "the next message tries it" : `in ${span(left)} one message tries it`;
}

const why = (verdict: Verdict) => `${plain(verdict.message)}  [${verdict.cause}].`;
