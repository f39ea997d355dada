// `postrider messages`: what happened to each message, and what a person does about it.
import { Command, Option } from "commander";
import { recipientStates } from "../../../messages/states.ts";
import { type CommonFlags, withApi, withCommon } from "../common.ts";
import {
  type ListedMessage,
  paintState,
  type ShownAttempt,
  type ShownMessage,
  type ShownRecipient,
  showAttempt,
  showMessage,
  subjectOf,
} from "../message-report.ts";
import { type Output, plain } from "../output.ts";
import { cut } from "../wrap.ts";

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
          const page = await api.request<{ data: ListedMessage[]; more: boolean }>(
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
            subjectOf(message),
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
          for (const attempt of message.attempts) showAttempt(out, attempt, flags);
        });
      }),
  );

  for (const [name, summary, done] of [
    ["retry", "try every unsettled or refused recipient again now", "will be tried again now"],
    ["cancel", "cancel what has not been sent", "canceled"],
    ["confirm", "say that what is unknown has arrived: it counts as sent", "counted as sent"],
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

/** The time of an instant of today, the date of an earlier one; both in UTC, as the ISO 8601 text is. */
function shortly(instant: string): string {
  const [date, time = ""] = instant.split("T");
  return date === new Date().toISOString().slice(0, 10) ? time.slice(0, 8) : date!;
}

function stateOf(out: Output, recipients: readonly ShownRecipient[]): string {
  const states = [...new Set(recipients.map((recipient) => recipient.state))];
  return states.map((state) => paintState(out, state)).join(", ");
}
