// `postrider messages` and `postrider queue`: what happened, what waits.
import { Command, Option } from "commander";
import type { Verdict } from "../../../causes/verdict.ts";
import { type RecipientState, recipientStates } from "../../../messages/states.ts";
import type { TranscriptLine } from "../../../smtp/transcript.ts";
import { type CommonFlags, withApi, withCommon } from "../common.ts";
import { type Output, plain } from "../output.ts";
import { showTranscript } from "../test-report.ts";
import { cut } from "../wrap.ts";

interface ShownRecipient {
  readonly address: string;
  readonly state: RecipientState;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly verdict: Verdict | null;
}

export interface ShownMessage {
  readonly id: string;
  readonly messageId: string;
  readonly lane: string;
  readonly route: string | null;
  readonly from: string;
  readonly subject: string;
  readonly size: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly recipients: readonly ShownRecipient[];
}

interface ShownAttempt {
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

const at = (id: string) => `/api/v1/messages/${encodeURIComponent(id)}`;

export function messagesCommand(): Command {
  const command = new Command("messages").summary("what happened to each message");

  command.addCommand(
    withCommon(new Command("list").summary("messages, newest first"))
      .option("--limit <number>", "how many, 1 to 100", "20")
      .option("--after <id>", "continue after this message")
      .addOption(
        new Option("--state <state>", "only those with a recipient in this state").choices([
          ...recipientStates,
        ]),
      )
      .action(async (flags: CommonFlags & { limit: string; after?: string; state?: string }) => {
        const query = new URLSearchParams({ limit: flags.limit });
        if (flags.after !== undefined) query.set("after", flags.after);
        if (flags.state !== undefined) query.set("state", flags.state);
        await withApi(flags, async (api, out) => {
          const page = await api.request<{ data: ShownMessage[]; more: boolean }>(
            "GET",
            `/api/v1/messages?${query}`,
          );
          out.data(page);
          if (page.data.length === 0) return out.line("No messages.");
          const rows = page.data.map((message) => [
            message.id,
            shortly(message.createdAt),
            message.lane,
            stateOf(out, message.recipients),
            cut(plain(message.recipients[0]?.address ?? ""), 32) +
              (message.recipients.length > 1 ? ` +${message.recipients.length - 1}` : ""),
            plain(message.subject),
          ]);
          out.table([
            ["ID", "UTC", "LANE", "STATE", "TO", "SUBJECT"].map((title) => out.paint("dim", title)),
            ...rows,
          ]);
          if (page.more)
            out.line(out.paint("dim", `More: postrider messages list --after ${page.data.at(-1)?.id}`));
        });
      }),
  );

  command.addCommand(
    withCommon(new Command("show").summary("one message: recipients, attempts, dialogue").argument("<id>"))
      .option("--transcript", "show the dialogue of each attempt, secrets masked")
      .option("--source", "print the message itself, byte for byte, and nothing else")
      .action(async (id: string, flags: CommonFlags & { transcript?: boolean; source?: boolean }) => {
        await withApi(flags, async (api, out) => {
          if (flags.source) {
            process.stdout.write(await api.bytes(`${at(id)}/source`));
            return;
          }
          const message = await api.request<ShownMessage & { attempts: ShownAttempt[] }>("GET", at(id));
          out.data(message);
          showMessage(out, message);
          for (const attempt of message.attempts) {
            out.line();
            out.line(
              `${out.paint("bold", "Attempt")} ${attempt.startedAt}  ${attempt.account ?? "no account"}  ${attempt.peer ?? ""}`,
            );
            for (const outcome of attempt.outcomes) {
              out.line(
                `  ${plain(outcome.address)}: ${outcome.event}${outcome.verdict === null ? "" : `  [${outcome.verdict.cause}]`}`,
              );
              if (outcome.verdict !== null) out.prose(plain(outcome.verdict.message), "    ");
            }
            if (flags.transcript) showTranscript(out, attempt.transcript, flags.lang);
          }
        });
      }),
  );

  for (const [name, summary, done] of [
    ["retry", "try every unsettled or refused recipient again now", "will be tried again now"],
    ["cancel", "cancel what has not been sent", "canceled"],
  ] as const) {
    command.addCommand(
      withCommon(new Command(name).summary(summary).argument("<id>")).action(
        async (id: string, flags: CommonFlags) => {
          await withApi(flags, async (api, out) => {
            const { moved } = await api.request<{ moved: number }>("POST", `${at(id)}/${name}`);
            out.data({ id, moved });
            out.line(`${moved} recipient${moved === 1 ? "" : "s"} ${done}.`);
          });
        },
      ),
    );
  }
  return command;
}

export function queueCommand(): Command {
  return withCommon(new Command("queue").summary("how much is in which state, by lane")).action(
    async (flags: CommonFlags) => {
      await withApi(flags, async (api, out) => {
        const { data } = await api.request<{
          data: { lane: string; state: RecipientState; recipients: number; oldest: string }[];
        }>("GET", "/api/v1/queue");
        out.data(data);
        if (data.length === 0) return out.line("The queue is empty.");
        const rows = data.map((depth) => [
          depth.lane,
          paintState(out, depth.state),
          String(depth.recipients),
          depth.oldest,
        ]);
        out.table([
          ["LANE", "STATE", "RECIPIENTS", "OLDEST"].map((title) => out.paint("dim", title)),
          ...rows,
        ]);
      });
    },
  );
}

export function showMessage(out: Output, message: ShownMessage): void {
  out.table([
    ["id", message.id],
    ["message-id", plain(message.messageId)],
    ["from", plain(message.from)],
    ["subject", plain(message.subject)],
    ["lane", message.lane],
    ["route", message.route ?? "default"],
    ["size", `${message.size} bytes`],
    ["accepted", message.createdAt],
    ["expires", message.expiresAt],
  ]);
  out.line();
  for (const recipient of message.recipients) {
    const due =
      recipient.state === "deferred" && recipient.dueAt !== null ? `, next try ${recipient.dueAt}` : "";
    const attempts = `${recipient.attempts} attempt${recipient.attempts === 1 ? "" : "s"}`;
    out.line(
      `${paintState(out, recipient.state)}  ${plain(recipient.address)}  ${out.paint("dim", `${attempts}${due}`)}`,
    );
    if (recipient.verdict !== null)
      out.prose(
        `${plain(recipient.verdict.message)}  ${out.paint("dim", `[${recipient.verdict.cause}]`)}`,
        "  ",
      );
  }
}

/** The time of an instant of today, the date of an earlier one; both in UTC, as the ISO 8601 text is. */
function shortly(instant: string): string {
  const [date, time = ""] = instant.split("T");
  return date === new Date().toISOString().slice(0, 10) ? time.slice(0, 8) : date!;
}

const colours: Partial<Record<RecipientState, "green" | "red" | "yellow">> = {
  sent: "green",
  bounced: "red",
  failed: "red",
  expired: "red",
  deferred: "yellow",
  parked: "yellow",
  unknown: "yellow",
};

function paintState(out: Output, state: RecipientState): string {
  const colour = colours[state];
  return colour === undefined ? state : out.paint(colour, state);
}

function stateOf(out: Output, recipients: readonly ShownRecipient[]): string {
  const states = [...new Set(recipients.map((recipient) => recipient.state))];
  return states.map((state) => paintState(out, state)).join(", ");
}
