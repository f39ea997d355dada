// How a message looks to a person: what it is, what became of each recipient, and what can be done now.
import type { Verdict } from "../../causes/verdict.ts";
import type { RecipientState } from "../../messages/states.ts";
import type { TranscriptLine } from "../../smtp/transcript.ts";
import { shellWord } from "./common.ts";
import { type Output, plain } from "./output.ts";
import { showTranscript } from "./test-report.ts";

export interface ShownRecipient {
  readonly address: string;
  readonly state: RecipientState;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly verdict: Verdict | null;
}

export interface ListedMessage {
  readonly id: string;
  readonly messageId: string;
  readonly lane: string;
  readonly route: string | null;
  readonly from: string;
  readonly subject: string;
  readonly size: number;
  readonly sensitive: boolean;
  readonly createdAt: string;
  readonly notBefore: string | null;
  readonly expiresAt: string;
  readonly recipients: readonly ShownRecipient[];
}

/** A message by itself, and not in a list. */
export interface ShownMessage extends ListedMessage {
  readonly content: "kept" | "removed" | "sensitive";
}

export interface ShownAttempt {
  readonly startedAt: string;
  readonly account: string | null;
  readonly peer: string | null;
  readonly outcomes: readonly {
    readonly address: string;
    readonly event: string;
    readonly verdict: Verdict | null;
  }[];
  readonly transcript: readonly TranscriptLine[];
}

export function showMessage(out: Output, message: ShownMessage): void {
  out.table([
    ["id", message.id],
    ["message-id", plain(message.messageId)],
    ["from", plain(message.from)],
    ["subject", subjectOf(message)],
    ["lane", message.lane],
    ["route", message.route ?? "default"],
    ["size", `${message.size} bytes${contentNote[message.content]}`],
    ["accepted", message.createdAt],
    ...(message.notBefore === null ? [] : [["not before", message.notBefore]]),
    ["expires", message.expiresAt],
  ]);
  out.line();
  for (const recipient of message.recipients) showRecipient(out, recipient);
  showWaysOn(out, message);
}

const contentNote: Readonly<Record<ShownMessage["content"], string>> = {
  kept: "",
  removed: "; the content is no longer kept",
  sensitive: "; sensitive: the content is never shown",
};

/** A sensitive message's is not kept. */
export const subjectOf = ({ subject, sensitive }: Pick<ShownMessage, "subject" | "sensitive">) =>
  sensitive ? "(sensitive)" : plain(subject);

function showRecipient(out: Output, { address, state, attempts, dueAt, verdict }: ShownRecipient): void {
  const due = state === "deferred" && dueAt !== null ? `, next try ${dueAt}` : "";
  const tried = `${attempts} attempt${attempts === 1 ? "" : "s"}${due}`;
  out.line(`${paintState(out, state)}  ${plain(address)}  ${out.paint("dim", tried)}`);
  if (verdict !== null)
    out.prose(`${plain(verdict.message)}  ${out.paint("dim", `[${verdict.cause}]`)}`, "  ");
}

/** What a person can do about a message with recipients in such a state. */
function waysOn({ id, recipients, content }: ShownMessage): readonly string[] {
  const inState = (state: RecipientState) => recipients.filter((recipient) => recipient.state === state);
  const any = (...states: readonly RecipientState[]) => states.some((state) => inState(state).length > 0);
  const ways: string[] = [];
  if (any("unknown"))
    ways.push(
      "unknown: the connection died before the server's last word, so it may have arrived. Ask the recipient, then:",
      `  it has arrived            postrider messages confirm ${id}`,
      `  it has not: send again    postrider messages retry ${id}`,
      `  give up                   postrider messages cancel ${id}`,
    );
  if (any("parked"))
    ways.push("parked: it goes by itself once its account is mended. What is wrong: postrider account list");
  if (any("suppressed"))
    ways.push(
      "suppressed: the address is on the suppression list. To send all the same:",
      ...inState("suppressed").map(
        ({ address }) => `  postrider suppression remove ${shellWord(plain(address))}`,
      ),
      `  postrider messages retry ${id}`,
    );
  if (any("bounced", "failed") && content === "kept")
    ways.push(`To try again, once the cause is gone: postrider messages retry ${id}`);
  if (any("expired")) ways.push("expired: its time is over, and it is not sent any more. Send a new one.");
  return ways;
}

function showWaysOn(out: Output, message: ShownMessage): void {
  const ways = waysOn(message);
  if (ways.length === 0) return;
  out.line();
  for (const way of ways) out.line(way);
}

export function showAttempt(
  out: Output,
  attempt: ShownAttempt,
  { transcript, lang }: { readonly transcript?: boolean; readonly lang: "en" | "zh" },
): void {
  out.line();
  out.line(
    `${out.paint("bold", "Attempt")} ${attempt.startedAt}  ${attempt.account ?? "no account"}  ${attempt.peer ?? ""}`.trimEnd(),
  );
  const rewritten = attempt.transcript.find(
    ({ from, text }) => from === "note" && text.startsWith("sent as "),
  );
  if (rewritten !== undefined) out.prose(plain(rewritten.text), "  ");
  for (const { address, event, verdict } of attempt.outcomes) {
    out.line(`  ${plain(address)}: ${event}${verdict === null ? "" : `  [${verdict.cause}]`}`);
    if (verdict !== null) out.prose(plain(verdict.message), "    ");
  }
  if (transcript) showTranscript(out, attempt.transcript, lang);
}

const colours: Partial<Record<RecipientState, "green" | "red" | "yellow">> = {
  sent: "green",
  bounced: "red",
  failed: "red",
  expired: "red",
  suppressed: "red",
  deferred: "yellow",
  parked: "yellow",
  unknown: "yellow",
};

export function paintState(out: Output, state: RecipientState): string {
  const colour = colours[state];
  return colour === undefined ? state : out.paint(colour, state);
}
