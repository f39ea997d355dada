// One claimed message on its way through its route: account after account, until every recipient has an outcome.
import type { Account } from "../accounts/account.ts";
import { AccountError } from "../accounts/accounts.ts";
import { judgeLocal } from "../causes/judge.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { AttemptRecord, Claim, RecipientOutcome } from "../queue/store.ts";
import type { SendResult } from "../smtp/client.ts";
import type { SmtpFailure } from "../smtp/failure.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";
import type { Clock } from "./clock.ts";
import { type Decision, decide, needsPerson } from "./decide.ts";
import { type DeliveryEvent, eventOf } from "./events.ts";
import type { Line } from "./line.ts";
import { nextTry } from "./retry.ts";
import type { Attempted } from "./verdicts.ts";

/** A message in our hands. The lease is replaced when the store hands the same message out again. */
export interface Flight {
  readonly claim: Claim;
  lease: string;
}

export interface HandoverOptions {
  readonly resolve: (route: string | null) => readonly Account[];
  /** The account as it is now; null when it is gone. */
  readonly find: (name: string) => Account | null;
  /** Whether it was not parked before. */
  readonly park: (name: string, verdict: Verdict) => Promise<boolean>;
  /** Whether an account of the route is not parked. */
  readonly hasGoodAccount: (route: string | null) => boolean;
  /** Some mail is parked now whose route got a good account in the meantime. */
  readonly parkedInVain: () => void;
  readonly line: (account: Account) => Line;
  readonly forgetToken: (name: string) => void;
  readonly judge: (failure: SmtpFailure, attempted: Attempted) => Verdict;
  /** Whether it was applied. */
  readonly record: (record: AttemptRecord) => Promise<boolean>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: (event: DeliveryEvent) => void;
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
  readonly ends: readonly (Verdict | null)[] | "release" | "expire";
  /** Until when the account's line rests. */
  readonly restUntil: number | null;
}

export class Handover {
  readonly #options: HandoverOptions;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /** Resolves when every outcome is recorded, with the instant at which some of it is due or over; null for never. */
  async deliver(flight: Flight): Promise<number | null> {
    const progress: Progress = { dues: [], settled: new Set() };
    const { dues } = progress;
    try {
      await this.#walk(flight, progress);
    } catch (error) {
      // A fault of ours must cost no mail and stop no other: it is tried again, by the schedule.
      const verdict = judgeLocal({ cause: "unknown.failure", message: nameOf(error) });
      await this.#endAll(flight, progress, verdict, true);
    }
    return dues.length === 0 ? null : Math.min(...dues);
  }

  async #walk(flight: Flight, progress: Progress): Promise<void> {
    const { claim } = flight;
    let accounts: readonly Account[];
    try {
      accounts = this.#options.resolve(claim.route);
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      const verdict = judgeLocal({ cause: "config.no-account", message: error.message, code: error.problem });
      return this.#endAll(flight, progress, verdict, false);
    }
    let open: readonly Recipient[] = claim.recipients;
    let account = accounts[0];
    while (account !== undefined) {
      const following = accounts.slice(accounts.indexOf(account) + 1);
      const next = following.find((other) => this.#parked(other) === null);
      const passed: readonly Passed[] = await this.#turn(
        { flight, account, hasNext: next !== undefined, progress },
        open,
      );
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
    if (account.parked !== null)
      return this.#settle(turn, open, this.#skipped(open, account.parked.verdict, null));
    const line = this.#options.line(account);
    const chunks: (readonly Recipient[])[] = [];
    for (let from = 0; from < open.length; from += line.recipientsPerMessage) {
      chunks.push(open.slice(from, from + line.recipientsPerMessage));
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
  async #waitAndSend({ flight }: Turn, line: Line, recipients: readonly Recipient[]): Promise<Ending> {
    const { claim } = flight;
    if (!(await line.gate.enter(claim.lane))) return this.#undone("release");
    try {
      // While it waited for its turn, others may have found out more, and time has passed.
      const now = this.#options.clock.now();
      const parked = this.#parked(line.account);
      if (parked !== null) return this.#skipped(recipients, parked, null);
      const resting = line.resting(now);
      if (resting !== null) return this.#skipped(recipients, resting.verdict, resting.until);
      if (now >= claim.expiresAt) return this.#undone("expire");
      return await this.#send(claim, line, recipients);
    } finally {
      line.gate.leave();
    }
  }

  async #send(claim: Claim, line: Line, recipients: readonly Recipient[]): Promise<Ending> {
    const { clock, forgetToken } = this.#options;
    const { account } = line;
    const startedAt = clock.now();
    const envelope = { from: claim.envelopeFrom, to: recipients.map(({ address }) => ({ address })) };
    // A connection may take minutes to stand, and a message must not begin after its time.
    const stillWanted = () => clock.now() < claim.expiresAt;
    let result = await line.send(envelope, claim.content, { stillWanted });
    let verdicts = this.#verdicts(result, claim, line);
    if (account.secretKind === "oauth2" && !line.tokenRefused && verdicts.some(isRefusedSignIn)) {
      // The token was good by the clock, but may have been called back: once, a fresh one is tried.
      line.tokenRefused = true;
      forgetToken(account.name);
      result = await line.send(envelope, claim.content, { stillWanted });
      verdicts = this.#verdicts(result, claim, line);
    }
    if (!stillWanted() && verdicts.every(isUnbegun)) return this.#undone("expire");
    await this.#learn(line, verdicts, startedAt);
    return {
      startedAt,
      peer: `${account.endpoint.host}:${account.endpoint.port}`,
      transcript: result.transcript,
      counts: true,
      ends: verdicts,
      restUntil: line.resting(clock.now())?.until ?? null,
    };
  }

  /** For each recipient the verdict against it, or null when it was taken. */
  #verdicts(
    result: SendResult,
    { envelopeFrom: sender }: Claim,
    { account }: Line,
  ): readonly (Verdict | null)[] {
    const { transcript } = result;
    const judged = new Map<SmtpFailure, Verdict>();
    return result.recipients.map((answer) => {
      if (answer.ok) return null;
      const verdict =
        judged.get(answer.failure) ?? this.#judge(answer.failure, { account, sender, transcript });
      judged.set(answer.failure, verdict);
      return verdict;
    });
  }

  /** Never throws: those who were taken in the same dialogue must not be sent to again for a mistake of ours. */
  #judge(failure: SmtpFailure, attempted: Attempted): Verdict {
    try {
      return this.#options.judge(failure, attempted);
    } catch (error) {
      const { stage, certainty, reply } = failure.facts;
      return { ...judgeLocal({ cause: "unknown.failure", message: nameOf(error), stage }), certainty, reply };
    }
  }

  /** What the dialogue says about the account and its endpoint, for those that come after. */
  async #learn(line: Line, verdicts: readonly (Verdict | null)[], startedAt: number): Promise<void> {
    const { clock, emit, park } = this.#options;
    const ofLine = verdicts.filter((verdict) => verdict !== null).filter(isOfLine);
    const worst = ofLine.find(needsPerson) ?? ofLine[0];
    if (worst === undefined) {
      if (!verdicts.some((verdict) => verdict?.scope === "ours")) line.passed();
      return;
    }
    const now = clock.now();
    line.failed(worst, startedAt, now);
    if (!needsPerson(worst) || line.retired) return;
    const { name } = line.account;
    // When it cannot be stored, the line still rests, its mail is deferred, and the next attempt finds the fault again.
    const first = await park(name, worst).catch(() => false);
    if (first) emit({ type: "account-parked", at: now, account: name, verdict: worst });
  }

  #parked({ name }: Account): Verdict | null {
    return this.#options.find(name)?.parked?.verdict ?? null;
  }

  /** The account is at fault or rests: no dialogue. Waiting out a rest counts as an attempt, so that the delays grow. */
  #skipped(recipients: readonly Recipient[], verdict: Verdict, restUntil: number | null): Ending {
    return {
      ...this.#undone("release"),
      transcript: [{ ms: 0, from: "note", text: `not tried: ${verdict.message}` }],
      counts: restUntil !== null,
      ends: recipients.map(() => verdict),
      restUntil,
    };
  }

  #undone(ends: Ending["ends"]): Ending {
    const startedAt = this.#options.clock.now();
    return { startedAt, peer: null, transcript: [], counts: false, ends, restUntil: null };
  }

  /** Records what has come to an end, and returns what goes on to the next account. */
  async #settle(turn: Turn, recipients: readonly Recipient[], ending: Ending): Promise<readonly Passed[]> {
    const { flight, account, hasNext, progress } = turn;
    const { lane } = flight.claim;
    const { ends } = ending;
    const passed: Passed[] = [];
    const outcomes: RecipientOutcome[] = [];
    for (const [at, recipient] of recipients.entries()) {
      const { index } = recipient;
      if (ends === "release") outcomes.push({ index, event: "release" });
      else if (ends === "expire") outcomes.push(expired(index));
      else {
        const verdict = ends[at] ?? null;
        const decision =
          verdict === null ? null : decide(verdict, { lane, hasNext, attempts: recipient.attempts });
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
    // An account that was passed over without a word leaves no trace but the event.
    if (outcomes.length > 0 || ending.counts) {
      await this.#record(flight, account.name, outcomes, { ...ending, transcript }, progress);
    }
    return passed;
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
    // Parked mail waits for a person, so it is parked only where nothing but a person can help.
    const waits = decision === "retry" || (decision === "park" && hasGoodAccount(route));
    if (!waits) return { index, event: decision, verdict };
    const restUntil = isOfLine(verdict) ? lineRestsUntil : null;
    const dueAt = nextTry({
      lane,
      attempts,
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
    const { startedAt, peer, transcript } = ending;
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
      const event = eventOf(outcome, { at: endedAt, claim, account });
      if (event !== null) emit(event);
    }
    if (outcomes.some(({ event }) => event === "park") && hasGoodAccount(claim.route)) parkedInVain();
  }

  /** Under the lease as it is at that moment: when it was replaced on the way, again, or the message would go out twice. */
  async #store(flight: Flight, entry: Omit<AttemptRecord, "lease">): Promise<boolean> {
    for (;;) {
      const { lease } = flight;
      if (await this.#options.record({ ...entry, lease })) return true;
      if (flight.lease === lease) return false;
    }
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function expired(index: number): RecipientOutcome {
  const message = "its time was over before it could be handed over";
  return { index, event: "expire", verdict: judgeLocal({ cause: "message.expired", message }) };
}

const isOfLine = (verdict: Verdict) =>
  (verdict.scope === "account" || verdict.scope === "endpoint") && verdict.code !== "ABORTED";

const isUnbegun = (verdict: Verdict | null) =>
  verdict?.code === "ABORTED" && verdict.certainty === "not-accepted";

const isRefusedSignIn = (verdict: Verdict | null) =>
  verdict?.stage === "auth" && verdict.scope === "account" && verdict.reply !== null;
