// `postrider doctor`: why no mail leaves through an account, or with a setting that is not stored anywhere.
import { setTimeout } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { diagnose } from "../../../doctor/diagnose.ts";
import type { Diagnosis, DoctorOptions, ShownFinding } from "../../../doctor/diagnosis.ts";
import { unsavedToExamine } from "../../../doctor/unsaved.ts";
import { parseAddress } from "../../../messages/addresses.ts";
import { type CommonFlags, shellWord, withApi, withCommon } from "../common.ts";
import { markdownOf } from "../doctor-markdown.ts";
import { changes, Live, showDiagnosis, statusMark, verdicts } from "../doctor-report.ts";
import { AnswerIsNo, UsageError } from "../exit.ts";
import { type Output, output, plain } from "../output.ts";
import { describesSetting, type SettingFlags, settingBody, withSetting } from "../setting-flags.ts";
import { showTranscript } from "../test-report.ts";
import { defaultAccount, requireFrom, whoOf } from "./test.ts";

interface DoctorFlags extends CommonFlags, SettingFlags {
  readonly to?: string;
  readonly markdown?: boolean;
  readonly masked?: boolean;
  readonly transcript?: boolean;
  readonly watch?: number | true;
  readonly controls: boolean;
  readonly metadata?: boolean;
  readonly patient?: boolean;
}

/** Seconds between the end of a run and the next. */
const usualPause = 30;

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .summary("find out why no mail leaves, and what to do")
    .description(
      "Looks at everything between this machine and an accepted mail, side by side and in seconds: names, ports, firewall, TLS, certificate, sign-in, sender and its DNS. Names one cause, with what shows it and what to do. Nothing is sent without --to, and at most one sign-in fails.",
    )
    .argument("[account]", "a stored account; the default account when no setting is given either")
    .option("--to <address>", "send a real message to this address and follow it to acceptance")
    .option("--markdown", "print a report to paste into a ticket or a forum, masked")
    .option("--masked", "leave user names, addresses and this machine's own addresses out")
    .option("--transcript", "show the dialogue with the server, secrets masked")
    .option("--watch [seconds]", "repeat, and show what changes", pause)
    .option("--no-controls", "connect to nobody but the provider")
    .option("--metadata", "ask the cloud's metadata service where this machine runs")
    .option("--patient", "wait a minute for a greeting");
  return withCommon(withSetting(command)).action(async (account: string | undefined, flags: DoctorFlags) => {
    if (account !== undefined && describesSetting(flags))
      throw new UsageError("Name an account or describe a setting, not both.");
    requireWhere(flags, account);
    if (flags.json && flags.markdown) throw new UsageError("Choose --json or --markdown, not both.");
    const out = output((flags.json || flags.markdown) ?? false);
    if (describesSetting(flags)) await examineDescribed(out, flags);
    else await examineStored(out, account ?? null, flags);
  });
}

/** @throws UsageError for parts of a setting that nobody would look at, and for a recipient that is none. */
function requireWhere(flags: DoctorFlags, account: string | undefined): void {
  if (flags.to !== undefined) parseAddress(flags.to, "--to");
  if (flags.host?.trim() === "") throw new UsageError("--host is empty. Give the name of the SMTP server.");
  if (describesSetting(flags)) return;
  const { port, security, unusualPort, serverName, username, from, ca, passwordStdin, accessToken } = flags;
  const parts = [port, security, unusualPort, serverName, username, from, ca, passwordStdin, accessToken];
  if (parts.every((part) => part === undefined) && flags.auth) return;
  throw new UsageError(
    account === undefined
      ? "Say where the setting leads: --provider ID or --host NAME."
      : "A stored account is examined as it is stored. Describe a setting with --provider or --host instead.",
  );
}

function pause(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400)
    throw new InvalidArgumentError("Give whole seconds from 1 to 86400.");
  return seconds;
}

type Run = (options: DoctorOptions) => Promise<Diagnosis>;

/** Runs in this process: it needs nothing of the data directory. */
async function examineDescribed(out: Output, flags: DoctorFlags): Promise<void> {
  const setting = unsavedToExamine(await settingBody(flags));
  if (flags.to !== undefined) requireFrom(setting.from);
  const { host, port, security } = setting.endpoint;
  heading(out, `${host}:${port} (${security})${whoOf(setting.credentials?.username, flags.lang)}`, flags);
  await examine(out, flags, (options) => diagnose(setting, options));
}

/** Runs where the data is: the secret stays there. */
async function examineStored(out: Output, account: string | null, flags: DoctorFlags): Promise<void> {
  await withApi(flags, async (api) => {
    const name = account ?? (await defaultAccount(api));
    const { from } = await api.request<{ readonly from: string | null }>(
      "GET",
      `/api/v1/accounts/${encodeURIComponent(name)}`,
    );
    if (flags.to !== undefined && from === null)
      throw new UsageError(
        `To send a message, ${name} needs an address to send from: postrider account change ${shellWord(name)} --from ADDRESS.`,
      );
    heading(out, flags.lang === "en" ? `account ${name}` : `账号 ${name}`, flags);
    await examine(out, flags, async ({ onFinding, signal, ...options }) => {
      for await (const { event, data } of api.events(
        "/api/v1/doctor",
        { account: name, ...options },
        signal,
      )) {
        if (event === "finding") onFinding?.(data as ShownFinding);
        else if (event === "diagnosis") return data as Diagnosis;
        else throw new Error((data as { message: string }).message);
      }
      throw new Error("The server ended the examination without a result. Its log says why.");
    });
  });
}

function heading(out: Output, what: string, { lang }: DoctorFlags): void {
  out.line(out.paint("bold", plain(`${lang === "en" ? "Examining" : "正在诊断"} ${what}`)));
  out.line();
}

async function examine(out: Output, flags: DoctorFlags, run: Run): Promise<void> {
  const options: DoctorOptions = {
    language: flags.lang,
    controls: flags.controls,
    metadata: flags.metadata ?? false,
    patient: flags.patient ?? false,
    masked: (flags.markdown || flags.masked) ?? false,
    ...(flags.to === undefined ? {} : { to: flags.to }),
  };
  const live = new Live(out, flags.lang);
  const diagnosis = await run({ ...options, onFinding: live.show });
  live.clear();
  show(out, diagnosis, flags);
  const last = flags.watch === undefined ? diagnosis : await watch(out, flags, diagnosis, run, options);
  if (last.verdict === "failed") throw new AnswerIsNo();
}

function show(out: Output, diagnosis: Diagnosis, flags: DoctorFlags): void {
  if (flags.markdown) {
    process.stdout.write(markdownOf(diagnosis, flags.lang, new Date()));
    return;
  }
  showDiagnosis(out, diagnosis, flags.lang);
  if (flags.transcript) showTranscript(out, diagnosis.transcript, flags.lang);
  out.data(diagnosis);
}

/** Until it is interrupted; the last diagnosis. A message is sent by the first run only. */
async function watch(
  out: Output,
  flags: DoctorFlags,
  first: Diagnosis,
  run: Run,
  { to: _, ...options }: DoctorOptions,
): Promise<Diagnosis> {
  const seconds = flags.watch === true || flags.watch === undefined ? usualPause : flags.watch;
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  let last = first;
  try {
    for (;;) {
      await setTimeout(seconds * 1_000, undefined, { signal: stopped.signal });
      const next = await run({ ...options, signal: stopped.signal });
      showChanges(out, last, next, flags);
      last = next;
    }
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    return last;
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

function showChanges(out: Output, before: Diagnosis, after: Diagnosis, flags: DoctorFlags): void {
  const time = new Date().toISOString().slice(0, 19).replace("T", " ");
  const changed = changes(before, after, flags.lang);
  if (flags.markdown) process.stdout.write(markdownOf(after, flags.lang, new Date()));
  out.data(after);
  out.line();
  const title = after.remedy === null ? "" : `  ${plain(after.remedy.title)}`;
  out.line(`${out.paint("dim", time)}  ${verdicts[after.verdict][flags.lang]}${title}`);
  if (changed.length === 0)
    out.line(`  ${out.paint("dim", flags.lang === "en" ? "nothing has changed" : "没有变化")}`);
  for (const { status, text } of changed) out.prose(plain(text), `  ${statusMark(status)} `);
}
