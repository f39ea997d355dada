// `postrider test`: try an account, or a setting that is not stored anywhere.
import { Command } from "commander";
import { settingOfInput } from "../../../doctor/setting.ts";
import { type TestResult, type TestStep, testSetting } from "../../../doctor/test.ts";
import type { Api } from "../api.ts";
import { type CommonFlags, withApi, withCommon } from "../common.ts";
import { AnswerIsNo, UsageError } from "../exit.ts";
import { type Output, output, plain } from "../output.ts";
import { describesSetting, type SettingFlags, settingBody, withSetting } from "../setting-flags.ts";
import { showResult, showStep, showTranscript } from "../test-report.ts";

interface TestFlags extends CommonFlags, SettingFlags {
  readonly to?: string;
  readonly transcript?: boolean;
}

type Published = Pick<TestResult, "ok" | "cause" | "scope" | "stage" | "remedy" | "steps" | "transcript">;

export function testCommand(): Command {
  const command = new Command("test")
    .summary("try a setting step by step")
    .description(
      "Walks from the name to the recipient and stops at the first step that fails, with the cause and what to do. Nothing is sent without --to.",
    )
    .argument("[account]", "a stored account; the default account when no setting is given either")
    .option("--to <address>", "send a real test message to this address")
    .option("--transcript", "show the dialogue with the server, secrets masked");
  return withCommon(withSetting(command)).action(async (account: string | undefined, flags: TestFlags) => {
    if (account !== undefined && describesSetting(flags))
      throw new UsageError("Name an account or describe a setting, not both.");
    if (describesSetting(flags)) await testDescribed(flags);
    else await testStored(account ?? null, flags);
  });
}

/** Runs in this process: it needs nothing of the data directory. */
async function testDescribed(flags: TestFlags): Promise<void> {
  const out = output(flags.json ?? false);
  const { password, accessToken, ...input } = await settingBody(flags);
  const setting = settingOfInput(
    input,
    password !== undefined ? { password } : accessToken !== undefined ? { accessToken } : null,
  );
  const { host, port, security } = setting.endpoint;
  heading(
    out,
    `${host}:${port} (${security})${whoOf(setting.credentials?.username, flags.lang)}`,
    flags.lang,
  );
  // Composing brings a large library along: loaded only when a message is to be sent.
  const { testMessage } = await import("../../../doctor/test-message.ts");
  const sending =
    flags.to === undefined
      ? {}
      : { to: flags.to, content: await testMessage(requireFrom(setting.from), flags.to, flags.lang) };
  const result = await testSetting(setting, {
    ...sending,
    language: flags.lang,
    onStep: (step) => showStep(out, step, flags.lang),
  });
  finish(out, result, flags);
}

/** @throws UsageError when a message is to be sent and no sender is known. */
export function requireFrom(from: string | null): string {
  if (from === null) throw new UsageError("To send a test message, say who it is from: --from ADDRESS.");
  return from;
}

/** Runs where the data is: the secret stays there. */
export async function testStored(
  account: string | null,
  flags: Pick<TestFlags, "json" | "data" | "lang" | "to" | "transcript">,
): Promise<void> {
  await withApi(flags, async (api, out) => {
    const name = account ?? (await defaultAccount(api));
    heading(out, flags.lang === "en" ? `account ${name}` : `账号 ${name}`, flags.lang);
    const body = { account: name, language: flags.lang, ...(flags.to === undefined ? {} : { to: flags.to }) };
    for await (const { event, data } of api.events("/api/v1/tests", body)) {
      if (event === "step") showStep(out, data as TestStep, flags.lang);
      else if (event === "result") return finish(out, data as Published, flags);
      else throw new Error((data as { message: string }).message);
    }
    throw new Error("The server ended the test without a result. Its log says why.");
  });
}

export async function defaultAccount(api: Api): Promise<string> {
  const { data } = await api.request<{ data: { name: string; default: boolean }[] }>(
    "GET",
    "/api/v1/accounts",
  );
  const found = data.find((account) => account.default);
  if (found === undefined)
    throw new UsageError(
      "No account is the default. Name one, or describe a setting with --provider or --host.",
    );
  return found.name;
}

export function whoOf(username: string | undefined, language: "en" | "zh"): string {
  if (username === undefined) return "";
  return language === "en" ? ` as ${username}` : `，用户名 ${username}`;
}

function heading(out: Output, what: string, language: "en" | "zh"): void {
  out.line(out.paint("bold", plain(`${language === "en" ? "Testing" : "正在测试"} ${what}`)));
  out.line();
}

function finish(out: Output, result: Published, flags: Pick<TestFlags, "to" | "lang" | "transcript">): void {
  const { ok, cause, scope, stage, remedy, steps, transcript } = result;
  showResult(out, { ...result, verdict: null }, flags.to, flags.lang);
  if (flags.transcript) showTranscript(out, transcript, flags.lang);
  out.data({ ok, cause, scope, stage, remedy, steps, transcript });
  if (!ok) throw new AnswerIsNo();
}
