// `postrider send`: one message through the queue.
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Command, Option } from "commander";
import { lanes } from "../../../messages/lanes.ts";
import { defaultMaxBytes } from "../../../messages/size.ts";
import { isFinal, isSettled } from "../../../messages/states.ts";
import { type Api, readInput } from "../api.ts";
import { type CommonFlags, collect, duration, withApi, withCommon } from "../common.ts";
import { AnswerIsNo, UsageError } from "../exit.ts";
import { type ShownMessage, showMessage } from "../message-report.ts";
import { plain } from "../output.ts";

interface SendFlags extends CommonFlags {
  readonly from?: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly replyTo?: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly attach?: readonly string[];
  readonly lane?: string;
  readonly account?: string;
  readonly expiresIn?: number;
  readonly wait?: boolean | number;
}

/** How long --wait waits when it is not told, seconds. */
const defaultWait = 60;

export function sendCommand(): Command {
  const command = new Command("send")
    .summary("send one message through the queue")
    .requiredOption("--to <address>", "a recipient; may be repeated", collect)
    .option("--from <address>", "the sender; the account's own address when left out")
    .option("--cc <address>", "a copy; may be repeated", collect)
    .option("--bcc <address>", "a blind copy; may be repeated", collect)
    .option("--reply-to <address>", "where answers go; may be repeated", collect)
    .requiredOption("--subject <text>", "the subject")
    .option("--text <text>", "the text; `-` reads standard input")
    .option("--html <file>", "a file with the HTML; `-` reads standard input")
    .option("--attach <file>", "a file to attach; may be repeated", collect)
    .addOption(new Option("--lane <lane>", "how it travels").choices([...lanes]))
    .option("--account <name>", "the account or route it leaves through")
    .option("--expires-in <duration>", "never hand it over after this: 90s, 15m, 2h, 3d", duration)
    .option("--wait [seconds]", `wait for the outcome (${defaultWait} s when no time is given)`, duration);
  return withCommon(command).action(async (flags: SendFlags) => {
    const body = await emailOf(flags);
    await withApi(flags, async (api, out) => {
      const { id, suppressed = [] } = await api.request<{ id: string; suppressed?: string[] }>(
        "POST",
        "/emails",
        body,
      );
      // Without a server nothing would deliver it after this process ends.
      const seconds = typeof flags.wait === "number" ? flags.wait : flags.wait || api.alone ? defaultWait : 0;
      if (seconds === 0) {
        out.data({ id, ...(suppressed.length === 0 ? {} : { suppressed }) });
        out.line(`Accepted: ${id}`);
        for (const address of suppressed)
          out.line(`Not sent to ${plain(address)}: it is on the suppression list.`);
        out.line(out.paint("dim", `What becomes of it: postrider messages show ${id}`));
        return;
      }
      const message = await settled(api, id, seconds);
      out.data(message);
      showMessage(out, message);
      if (message.recipients.every(({ state }) => state === "sent")) return;
      if (api.alone && message.recipients.some(({ state }) => !isFinal(state)))
        out.line(`It is kept. \`postrider serve\` goes on with it.`);
      throw new AnswerIsNo();
    });
  });
}

/** One request waits no longer than this, seconds. */
const longestAsk = 60;

/** The message once each recipient is settled or parked, or as it is when the time is up. */
async function settled(api: Api, id: string, seconds: number): Promise<ShownMessage> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const left = Math.max(0, (until - Date.now()) / 1000);
    const message = await api.request<ShownMessage>(
      "GET",
      `/api/v1/messages/${encodeURIComponent(id)}?wait=${Math.min(longestAsk, left)}`,
    );
    if (left <= longestAsk || message.recipients.every(({ state }) => isSettled(state))) return message;
  }
}

async function emailOf(flags: SendFlags): Promise<Record<string, unknown>> {
  if (flags.text === undefined && flags.html === undefined)
    throw new UsageError("A message needs --text or --html.");
  if (flags.text === "-" && flags.html === "-")
    throw new UsageError("Standard input can be the text or the HTML, not both.");
  await refuseTooLarge(flags.attach ?? []);
  const attachments = await Promise.all(
    (flags.attach ?? []).map(async (file) => ({
      filename: basename(file),
      content: (await readInput(file)).toString("base64"),
    })),
  );
  const email = {
    from: flags.from,
    to: flags.to,
    cc: flags.cc,
    bcc: flags.bcc,
    reply_to: flags.replyTo,
    subject: flags.subject,
    text: flags.text === "-" ? (await readInput("-")).toString("utf8") : flags.text,
    html: flags.html === undefined ? undefined : (await readInput(flags.html)).toString("utf8"),
    attachments: attachments.length === 0 ? undefined : attachments,
    lane: flags.lane,
    route: flags.account,
    expires_at:
      flags.expiresIn === undefined ? undefined : new Date(Date.now() + flags.expiresIn * 1000).toISOString(),
  };
  return Object.fromEntries(Object.entries(email).filter(([, value]) => value !== undefined));
}

/** Before any of it is read. @throws UsageError naming the files. */
async function refuseTooLarge(files: readonly string[]): Promise<void> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => null))?.size ?? 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= defaultMaxBytes) return;
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  throw new UsageError(
    `${files.join(", ")}: ${mebibytes(total)} to attach; a message may have ${mebibytes(defaultMaxBytes)} with its attachments encoded. Send a link to the file instead.`,
  );
}
