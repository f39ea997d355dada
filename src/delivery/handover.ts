// One claimed message on its way through its route: account after account, until every recipient has an outcome.
import type { Account } from "../accounts/account.ts";
import { AccountError } from "../accounts/accounts.ts";
import type { ResolvedRoute } from "../accounts/routes.ts";
import { judgeLocal } from "../causes/judge.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { Lane } from "../messages/lanes.ts";
import type { AttemptRecord, Claim, RecipientOutcome } from "../queue/store.ts";
import type { TranscriptLine } from "../smtp/client.ts";
import { type Decision, decide, passesWithTime } from "./decide.ts";
import { Dialogue, type DialogueOptions, isOfLine } from "./dialogue.ts";
import { eventOf } from "./events.ts";
import type { Closed, Line } from "./line.ts";
import { outgoingThrough, unfitFor } from "./outgoing.ts";
import { nextTry } from "./retry.ts";
import { isHardBounce } from "./suppress.ts";

/** A message in our hands. */
export interface Flight {
  readonly claim: Claim;
  /** Replaced when the store hands the same message out again. */
  lease: string;
  /** From then on others may have it: a dialogue that has not begun by then does not begin. Later with each extension that came in time. */
  heldUntil: number;
  /** What it was handed out as again. */
  again: Again | null;
}

/** The same message handed out once more: our lease had run out, or all was recorded and the answer was still on its way. */
export interface Again {
  readonly claim: Claim;
  /** Indexes of the recipients whose outcome was put to the store under its lease; the others are still to be served. */
  readonly answered: Set<number>;
}

export interface HandoverOptions extends DialogueOptions {
  readonly resolve: (route: string | null, id: string) => ResolvedRoute;
  /** The account as it is now; null when it is gone. */
  readonly find: (name: string) => Account | null;
  /** Whether an account of the route is not parked. */
  readonly hasGoodAccount: (route: string | null) => boolean;
  /** Whether nothing is claimed for the route now, as none of its accounts can take anything. */
  readonly isClosed: (route: string | null, lane: Lane) => boolean;
  /** Some mail is parked now whose route got a good account in the meantime. */
  readonly parkedInVain: () => void;
  readonly line: (account: Account) => Line;
  /** Whether it was applied. */
  readonly record: (record: AttemptRecord) => Promise<boolean>;
  readonly random: () => number;
}

type Recipient = Claim["recipients"][number];

/** A recipient that an account could not serve, and why. */
interface Passed {
  readonly recipient: Recipient;
  readonly verdict: Verdict;
}

/** One message's turn at one account. */
interface Turn {
  readonly flight: Flight;
  readonly account: Account;
  readonly hasNext: boolean;
  /** Whether another account of the route came before. */
  readonly failover: boolean;
  /** Whether a spent budget is waited for though another account could send. */
  readonly waitsForBudget: boolean;
  readonly progress: Progress;
}

/** How far a message has come in our hands. */
interface Progress {
  /** When what was put off is due again. */
  readonly dues: number[];
  /** Indexes of the recipients that have an outcome. */
  readonly settled: Set<number>;
}

/** How a turn ended, whether or not a word was said to the server. */
interface Ending {
  readonly startedAt: number;
  readonly peer: string | null;
  readonly transcript: readonly TranscriptLine[];
  /** Whether it is an attempt that is kept and counted. */
  readonly counts: boolean;
  /** The verdict against each recipient, null for one that was taken; or one end for all. */
  readonly ends: readonly (Verdict | null)[] | "release" | "expire" | Closed;
  /** Until when the account's line takes nothing. */
  readonly restUntil: number | null;
  /** The address it left under, where that is not its own. */
  readonly from: string | null;
}

/** What one account could not take, while others of its route could, is looked at again after so long at the latest. Milliseconds. */
const longestAside = 15 * 60_000;

export class Handover {
  readonly #options: HandoverOptions;
  readonly #dialogue: Dialogue;

  constructor(options: HandoverOptions) {
    this.#options = options;
    this.#dialogue = new Dialogue(options);
  }

  /** Resolves when every outcome is recorded, with the instant at which some of it is due or over; null for never. */
  async deliver(flight: Flight): Promise<number | null> {
    const progress: Progress = { dues: [], settled: new Set() };
    const { dues } = progress;
    try {
      await this.#walk(flight, progress);
    } catch (error) {
      // A fault of ours must cost no mail and stop no other: it is tried again, by the schedule.
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      await this.#endAll(flight, progress, judgeLocal({ cause: "unknown.failure", message }), true);
    }
    return dues.length === 0 ? null : Math.min(...dues);
  }

  async #walk(flight: Flight, progress: Progress): Promise<void> {
    const { claim } = flight;
    let route: ResolvedRoute;
    try {
      route = this.#options.resolve(claim.route, claim.id);
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      const verdict = judgeLocal({ cause: "config.no-account", message: error.message, code: error.problem });
      return this.#endAll(flight, progress, verdict, false);
    }
    const unfit = route.accounts.map((account) => unfitFor(account, claim));
    const accounts = route.accounts.filter((_, at) => unfit[at] === null);
    const reason = unfit.find((verdict) => verdict !== null);
    if (accounts.length === 0 && reason) return this.#endAll(flight, progress, reason, true);
    let open: readonly Recipient[] = claim.recipients;
    let account = accounts[0];
    while (account !== undefined) {
      const following = accounts.slice(accounts.indexOf(account) + 1);
      const next = following.find((other) => this.#parked(other) === null);
      const failover = account !== route.accounts[0];
      const waitsForBudget = route.onBudget === "wait";
      const turn: Turn = { flight, account, hasNext: next !== undefined, failover, waitsForBudget, progress };
      const passed: readonly Passed[] = await this.#turn(turn, open);
      const [first] = passed;
      if (first === undefined || next === undefined) return;
      open = passed.map(({ recipient }) => recipient);
      const [at, from, to] = [this.#options.clock.now(), account.name, next.name];
      this.#options.emit({ type: "failover", at, id: claim.id, from, to, verdict: first.verdict });
      account = next;
    }
  }

  /** Returns those whom the account could not serve, and who go on to the next. */
  async #turn(turn: Turn, open: readonly Recipient[]): Promise<readonly Passed[]> {
    const account = this.#options.find(turn.account.name);
    if (account === null) return this.#settle(turn, open, this.#undone("release"));
    if (account.parked !== null) return this.#settle(turn, open, this.#skipped(open, account.parked.verdict));
    const line = this.#options.line(account);
    const chunks: (readonly Recipient[])[] = [];
    const { recipientsPerMessage } = line.limits;
    for (let from = 0; from < open.length; from += recipientsPerMessage) {
      chunks.push(open.slice(from, from + recipientsPerMessage));
    }
    // Each chunk comes to its own end, also when another one throws.
    const turns = await Promise.allSettled(
      chunks.map(async (chunk) => this.#settle(turn, chunk, await this.#waitAndSend(turn, line, chunk))),
    );
    return turns.flatMap((ended) => {
      if (ended.status === "rejected") throw ended.reason;
      return ended.value;
    });
  }

  /** Its place at the gate is free again before the outcome is written: connections do not wait for the disk. */
  async #waitAndSend(turn: Turn, line: Line, recipients: readonly Recipient[]): Promise<Ending> {
    const { clock } = this.#options;
    const { lane, origin, expiresAt } = turn.flight.claim;
    const closed = line.closed(lane, clock.now());
    if (closed !== null) return this.#undone(closed);
    const letGo = line.hold();
    try {
      const cost = line.cost(recipients.length);
      const admission = await line.gate.enter({ lane, origin, cost });
      if (admission === "shut") return this.#undone("release");
      // When the account takes something again just now, it goes back to the queue and comes again.
      if (admission === "away") return this.#undone(line.closed(lane, clock.now()) ?? "release");
      try {
        const ending = await this.#send(turn, line, recipients, expiresAt);
        const unused = cost - line.cost(handedOver(ending));
        if (unused > 0) line.budget.giveBack(admission.ticket, lane === "urgent", unused);
        return ending;
      } finally {
        line.gate.leave(lane);
      }
    } finally {
      letGo();
    }
  }

  /** While it waited for its turn, others may have found out more, and time has passed. */
  async #send(
    { flight, failover }: Turn,
    line: Line,
    recipients: readonly Recipient[],
    expiresAt: number,
  ): Promise<Ending> {
    const { clock } = this.#options;
    const { claim } = flight;
    const startedAt = clock.now();
    const holds = () => clock.now() < flight.heldUntil;
    const parked = this.#parked(line.account);
    if (parked !== null) return this.#skipped(recipients, parked);
    const closed = line.closed(claim.lane, startedAt);
    if (closed !== null && closed.kind !== "spent") return this.#undone(closed);
    if (startedAt >= expiresAt) return this.#undone("expire");
    if (!holds()) return this.#undone("release");
    const outgoing = outgoingThrough(line.account, claim, failover);
    const told = await this.#dialogue.hold({ line, claim, holds, outgoing, recipients });
    if (told === null) return this.#undone(line.closed(claim.lane, clock.now()) ?? "release");
    const { verdicts, peer, transcript } = told;
    if (verdicts.every(isUnbegun)) {
      if (clock.now() >= expiresAt) return this.#undone("expire");
      if (!holds()) return this.#undone("release");
    }
    const after = line.closed(claim.lane, clock.now());
    const restUntil = after === null || after.kind === "elsewhere" ? null : after.until;
    const { from } = outgoing;
    return { startedAt, peer, transcript, counts: true, ends: verdicts, restUntil, from };
  }

  #parked({ name }: Account): Verdict | null {
    return this.#options.find(name)?.parked?.verdict ?? null;
  }

  /** The account is at fault: no dialogue. */
  #skipped(recipients: readonly Recipient[], verdict: Verdict): Ending {
    const text = `not tried: ${verdict.message}`;
    return {
      ...this.#undone("release"),
      transcript: [{ ms: 0, from: "note", text }],
      ends: recipients.map(() => verdict),
    };
  }

  #undone(ends: Ending["ends"]): Ending {
    const startedAt = this.#options.clock.now();
    return { startedAt, peer: null, transcript: [], counts: false, ends, restUntil: null, from: null };
  }

  /** Records what has come to an end, and returns what goes on to the next account. */
  async #settle(turn: Turn, recipients: readonly Recipient[], ending: Ending): Promise<readonly Passed[]> {
    const { flight, account, progress } = turn;
    const { ends } = ending;
    const passed: Passed[] = [];
    const outcomes: RecipientOutcome[] = [];
    for (const [at, recipient] of recipients.entries()) {
      const { index } = recipient;
      if (ends === "release") outcomes.push({ index, event: "release" });
      else if (ends === "expire") outcomes.push(expired(index));
      else if ("kind" in ends) {
        const verdict = ends.verdict ?? busy(account, ends);
        const waits = ends.kind === "elsewhere" || (ends.kind === "spent" && turn.waitsForBudget);
        if (turn.hasNext && !waits) passed.push({ recipient, verdict });
        else outcomes.push(this.#putAside(turn, index, ends, verdict));
      } else {
        const verdict = ends[at] ?? null;
        const decision = verdict === null ? null : this.#decide(turn, recipient, verdict);
        if (verdict === null || decision === null) outcomes.push({ index, event: "accept" });
        else if (decision === "next-account") passed.push({ recipient, verdict });
        else outcomes.push(this.#outcome(flight, recipient, verdict, decision, ending.restUntil));
      }
    }
    const transcript = [...ending.transcript];
    const [first] = passed;
    if (first !== undefined) {
      const text = `${passed.length} of ${recipients.length} go on to the next account: ${first.verdict.message}`;
      transcript.push({ ms: transcript.at(-1)?.ms ?? 0, from: "note", text });
    }
    if (ending.from !== null) {
      const text = `sent as ${ending.from}, the only address that account ${account.name} may send as`;
      transcript.unshift({ ms: 0, from: "note", text });
    }
    // An account that was passed over without a word leaves no trace but the event.
    if (outcomes.length > 0 || ending.counts) {
      await this.#record(flight, account.name, outcomes, { ...ending, transcript }, progress);
    }
    return passed;
  }

  #decide({ flight, hasNext }: Turn, { attempts }: Recipient, verdict: Verdict): Decision {
    return decide(verdict, { lane: flight.claim.lane, hasNext, attempts });
  }

  /**
   * The account takes nothing now, and there is no other: back into the queue, where nothing is claimed for the route
   * until it does; or, where only this message has no other account, to a time of its own.
   */
  #putAside({ flight }: Turn, index: number, closed: Closed, verdict: Verdict): RecipientOutcome {
    const { clock, random, isClosed } = this.#options;
    const { lane, route } = flight.claim;
    if (isClosed(route, lane)) return { index, event: "release" };
    const wait = Math.min(Math.max(closed.until - clock.now(), 0), longestAside);
    return { index, event: "defer", dueAt: Math.ceil(clock.now() + wait * (1 + random() / 10)) + 1, verdict };
  }

  /** One verdict for whatever of the message has no outcome yet. */
  async #endAll(flight: Flight, progress: Progress, verdict: Verdict, counts: boolean): Promise<void> {
    const decision = decide(verdict, { lane: flight.claim.lane, hasNext: false, attempts: 0 });
    if (decision === "next-account") return;
    const outcomes = flight.claim.recipients
      .filter(({ index }) => !progress.settled.has(index))
      .map((recipient) => this.#outcome(flight, recipient, verdict, decision, null));
    await this.#record(flight, null, outcomes, { ...this.#undone("release"), counts }, progress);
  }

  #outcome(
    flight: Flight,
    { index, attempts }: Recipient,
    verdict: Verdict,
    decision: Exclude<Decision, "next-account">,
    lineRestsUntil: number | null,
  ): RecipientOutcome {
    const { clock, random, hasGoodAccount } = this.#options;
    const { lane, expiresAt, route } = flight.claim;
    if (decision === "release") return { index, event: "release" };
    if (decision === "bounce") return { index, event: "bounce", verdict, suppress: isHardBounce(verdict) };
    // Parked mail waits for a person, so it is parked only where nothing but a person can help.
    const waits = decision === "retry" || (decision === "park" && hasGoodAccount(route));
    if (!waits) return { index, event: decision, verdict };
    const restUntil = isOfLine(verdict) ? lineRestsUntil : null;
    const dueAt = nextTry({
      lane,
      // A limit of the account's is no fault of this message: it goes when the account goes, however often it met one.
      // But what may try during a rest must not try all the time.
      attempts: passesWithTime(verdict) && restUntil !== null ? 0 : attempts,
      waitMs: verdict.waitMs,
      now: clock.now(),
      restUntil,
      expiresAt,
      random,
    });
    return dueAt === null ? { index, event: "expire", verdict } : { index, event: "defer", dueAt, verdict };
  }

  async #record(
    flight: Flight,
    account: string | null,
    outcomes: readonly RecipientOutcome[],
    ending: Ending,
    { dues, settled }: Progress,
  ): Promise<void> {
    const { clock, emit, hasGoodAccount, parkedInVain } = this.#options;
    const { claim } = flight;
    const { startedAt, peer, transcript, from } = ending;
    const endedAt = clock.now();
    const onlyReleased = outcomes.length > 0 && outcomes.every(({ event }) => event === "release");
    const counts = ending.counts && !onlyReleased;
    const entry = {
      messageId: claim.id,
      startedAt,
      endedAt,
      account,
      peer,
      outcomes,
      transcript,
      counts,
    };
    if (!(await this.#store(flight, entry))) return;
    for (const outcome of outcomes) {
      settled.add(outcome.index);
      if (outcome.event === "defer") dues.push(outcome.dueAt);
      else if (outcome.event === "release") dues.push(endedAt);
      // What waits for a person is looked at again when its time is over: somebody has to be told.
      else if (outcome.event === "park" || outcome.event === "lose") dues.push(claim.expiresAt);
      const event = eventOf(outcome, { at: endedAt, claim, account, from });
      if (event !== null) emit(event);
    }
    if (outcomes.some(({ event }) => event === "park") && hasGoodAccount(claim.route)) parkedInVain();
  }

  /** Under the lease as it is at that moment: when it was replaced on the way, again, or the message would go out twice. */
  async #store(flight: Flight, entry: Omit<AttemptRecord, "lease">): Promise<boolean> {
    for (;;) {
      const { lease } = flight;
      const applied = await this.#options.record({ ...entry, lease });
      if (!applied && flight.lease !== lease) continue;
      if (flight.again?.claim.lease === lease) {
        for (const { index } of entry.outcomes) flight.again.answered.add(index);
      }
      return applied;
    }
  }
}

/** For how many the server took it, or may have. */
function handedOver({ ends }: Ending): number {
  if (typeof ends === "string" || "kind" in ends) return 0;
  return ends.filter((verdict) => verdict === null || verdict.certainty !== "not-accepted").length;
}

function expired(index: number): RecipientOutcome {
  const message = "its time was over before it could be handed over";
  return { index, event: "expire", verdict: judgeLocal({ cause: "message.expired", message }) };
}

/** No server said so: it is our own limit. */
function busy({ name }: Account, { kind, until }: Closed): Verdict {
  if (kind === "elsewhere") {
    const message = `other nodes send all that account ${name} may send at one time`;
    return judgeLocal({ cause: "envelope.rate-limited", message });
  }
  const message = `what account ${name} may send is spent until ${new Date(until).toISOString()}`;
  return judgeLocal({ cause: "envelope.daily-quota", message });
}

const isUnbegun = (verdict: Verdict | null) =>
  verdict?.code === "ABORTED" && verdict.certainty === "not-accepted";
