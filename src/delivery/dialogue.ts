// One message and one account: tried by its ways, address after address, and what each try teaches about them.

import { judgeLocal } from "../causes/judge.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { Claim } from "../queue/store.ts";
import type { SendResult, TranscriptLine } from "../smtp/client.ts";
import type { SmtpFailure } from "../smtp/failure.ts";
import type { Clock } from "./clock.ts";
import { needsPerson } from "./decide.ts";
import type { DeliveryEvent } from "./events.ts";
import type { Line } from "./line.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Attempted } from "./verdicts.ts";
import { isOfOpening, type Way } from "./way.ts";

export interface DialogueOptions {
  /** Whether it was not parked before. */
  readonly park: (name: string, verdict: Verdict) => Promise<boolean>;
  readonly forgetToken: (name: string) => void;
  readonly judge: (failure: SmtpFailure, attempted: Attempted) => Verdict;
  readonly clock: Clock;
  readonly emit: (event: DeliveryEvent) => void;
}

/** What is to be told, by which line. */
export interface Matter {
  readonly line: Line;
  readonly claim: Claim;
  /** Whether the message is ours still: when its lease has run out, another node may have it. */
  readonly holds: () => boolean;
  readonly outgoing: Outgoing;
  readonly recipients: Claim["recipients"];
}

/** What became of it. */
export interface Told {
  /** The verdict against each recipient; null for one that was taken. */
  readonly verdicts: readonly (Verdict | null)[];
  /** `host:port`, with the address where one was reached. */
  readonly peer: string;
  readonly transcript: readonly TranscriptLine[];
}

/** Addresses of one endpoint in one turn. */
const mostAddresses = 3;

export class Dialogue {
  readonly #options: DialogueOptions;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  /** Null when there was no way to try: somebody else is finding out whether there is one. */
  async hold(matter: Matter): Promise<Told | null> {
    const { clock } = this.#options;
    const { line, claim, holds } = matter;
    const tried = new Set<Way>();
    const unresolved = new Set<string>();
    const transcript: TranscriptLine[] = [];
    let told: Told | null = null;
    let way = line.way(clock.now(), tried);
    for (let addresses = 1; way !== null; ) {
      if (way.breaker.down !== null && !(await way.breaker.mayAsk())) {
        tried.add(way);
        way = line.way(clock.now(), tried);
        continue;
      }
      const { verdicts, peer, transcript: said, freshAddress } = await this.#try(matter, way);
      transcript.push(...said);
      told = { verdicts, peer, transcript };
      // An endpoint's fault concerns the whole message; another way is tried only while nothing of it was handed over.
      const [fault] = verdicts;
      if (!fault || !verdicts.every((verdict) => verdict !== null && isOfOpening(verdict))) return told;
      if (clock.now() >= claim.expiresAt || line.retired || !holds()) return told;
      if (freshAddress && addresses < mostAddresses) {
        addresses += 1;
        transcript.push(note(transcript, `another address of ${way.endpoint.host} is tried`));
        continue;
      }
      tried.add(way);
      if (fault.stage === "resolve") unresolved.add(way.endpoint.host);
      addresses = 1;
      way = line.way(clock.now(), tried, ({ endpoint }) => unresolved.has(endpoint.host));
      if (way !== null)
        transcript.push(note(transcript, `${way.endpoint.host}:${way.endpoint.port} is tried next`));
    }
    return told;
  }

  async #try(
    { line, claim, holds, outgoing, recipients }: Matter,
    way: Way,
  ): Promise<Told & { readonly freshAddress: boolean }> {
    const { clock, forgetToken } = this.#options;
    const { account } = line;
    const startedAt = clock.now();
    const envelope = { from: outgoing.envelopeFrom, to: recipients.map(({ address }) => ({ address })) };
    // A connection may take minutes to stand; a message must not begin after its time, or the account's, or ours, here.
    const stillWanted = () => clock.now() < claim.expiresAt && line.mayBegin && holds();
    const options = { stillWanted, urgent: claim.lane === "urgent" };
    const end = way.breaker.begin();
    try {
      let result = await way.send(envelope, outgoing.content, options);
      let verdicts = this.#verdicts(result, outgoing, line, way);
      if (account.secretKind === "oauth2" && !line.tokenRefused && verdicts.some(isRefusedSignIn)) {
        // The token was good by the clock, but may have been called back: once, a fresh one is tried.
        line.tokenRefused = true;
        forgetToken(account.name);
        result = await way.send(envelope, outgoing.content, options);
        verdicts = this.#verdicts(result, outgoing, line, way);
      }
      const freshAddress = await this.#learn(line, way, verdicts, result.peer, startedAt);
      const { host, port } = way.endpoint;
      const peer = result.peer === null ? `${host}:${port}` : `${host}:${port} (${addressOf(result.peer)})`;
      return { verdicts, peer, transcript: result.transcript, freshAddress };
    } finally {
      end();
    }
  }

  /** For each recipient the verdict against it, or null when it was taken. */
  #verdicts(
    result: SendResult,
    { envelopeFrom: sender }: Outgoing,
    { account }: Line,
    { endpoint }: Way,
  ): readonly (Verdict | null)[] {
    const { transcript } = result;
    const judged = new Map<SmtpFailure, Verdict>();
    return result.recipients.map((answer) => {
      if (answer.ok) return null;
      const verdict =
        judged.get(answer.failure) ?? this.#judge(answer.failure, { account, endpoint, sender, transcript });
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
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { ...judgeLocal({ cause: "unknown.failure", message, stage }), certainty, reply };
    }
  }

  /** What the dialogue says about the account and its endpoint, for those that come after. Whether the endpoint has an address that is not known to fail. */
  async #learn(
    line: Line,
    way: Way,
    verdicts: readonly (Verdict | null)[],
    peer: string | null,
    startedAt: number,
  ): Promise<boolean> {
    const { clock, emit, park } = this.#options;
    const ofLine = verdicts.filter((verdict) => verdict !== null).filter(isOfLine);
    const worst = ofLine.find(needsPerson) ?? ofLine[0];
    const at = clock.now();
    const account = line.account.name;
    const endpoint = `${way.endpoint.host}:${way.endpoint.port}`;
    if (worst === undefined) {
      if (verdicts.some((verdict) => verdict?.scope === "ours")) return false;
      if (line.passed(way, startedAt)) emit({ type: "endpoint-up", at, account, endpoint });
      return false;
    }
    if (worst.scope === "endpoint") {
      const { down, freshAddress } = line.wayFailed(way, worst, peer, startedAt, at);
      const until = way.breaker.down?.until ?? at;
      if (down) emit({ type: "endpoint-down", at, account, endpoint, until, verdict: worst });
      return freshAddress;
    }
    if (worst.reply !== null && line.answered(way, startedAt))
      emit({ type: "endpoint-up", at, account, endpoint });
    const rests = line.failed(worst, startedAt, at);
    if (line.retired) return false;
    if (needsPerson(worst)) {
      // When it cannot be stored, the line still rests, its mail is deferred, and the next attempt finds the fault again.
      const first = await park(account, worst).catch(() => false);
      if (first) emit({ type: "account-parked", at, account, verdict: worst });
    } else if (rests)
      emit({ type: "account-rests", at, account, until: line.resting(at)?.until ?? at, verdict: worst });
    return false;
  }
}

const addressOf = (peer: string) => peer.slice(0, peer.lastIndexOf(":")).replace(/^\[|\]$/g, "");

const note = (transcript: readonly TranscriptLine[], text: string): TranscriptLine => ({
  ms: transcript.at(-1)?.ms ?? 0,
  from: "note",
  text,
});

/** Whether it concerns all mail of the account, and not this message. */
export const isOfLine = (verdict: Verdict) =>
  (verdict.scope === "account" || verdict.scope === "endpoint") && verdict.code !== "ABORTED";

const isRefusedSignIn = (verdict: Verdict | null) =>
  verdict?.stage === "auth" && verdict.scope === "account" && verdict.reply !== null;
