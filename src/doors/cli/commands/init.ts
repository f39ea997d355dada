// `postrider init`: the guided set-up, from an address to a first mail that has left.
import {
  autocomplete,
  cancel,
  confirm,
  intro,
  isCancel,
  log,
  note,
  outro,
  password,
  select,
  text,
} from "@clack/prompts";
import { Command } from "commander";
import type { Account } from "../../../accounts/account.ts";
import { type Proof, settingOfInput } from "../../../doctor/setting.ts";
import { type TestResult, testSetting } from "../../../doctor/test.ts";
import { detect, providers, secretProblem, usernameProblem } from "../../../providers/catalogue.ts";
import type { Provider } from "../../../providers/provider.ts";
import type { Api } from "../api.ts";
import { type CommonFlags, withApi, withCommon } from "../common.ts";
import { AnswerIsNo, UsageError } from "../exit.ts";
import { type Output, output } from "../output.ts";
import type { SettingBody } from "../setting-flags.ts";
import { showResult, showStep } from "../test-report.ts";

type Language = "en" | "zh";

/** What the questions end in: the body of an account, with its secret. */
interface Answers {
  readonly body: SettingBody & { readonly oauth2?: object };
  readonly proof: Proof;
  readonly provider: Provider | null;
  readonly from: string;
}

/** Thrown when the person presses Ctrl-C at a question. */
class Left extends Error {}

export function initCommand(): Command {
  const command = new Command("init").summary("the guided set-up: provider, sign-in, test, first mail");
  return withCommon(command).action(async (flags: CommonFlags) => {
    if (!process.stdin.isTTY || !process.stdout.isTTY)
      throw new UsageError(
        "`init` asks questions and needs a terminal. Without one: postrider account add NAME --provider ID --username NAME --password-stdin",
      );
    try {
      await withApi(flags, (api) => guide(api, flags));
    } catch (error) {
      if (!(error instanceof Left)) throw error;
      cancel("Nothing was saved.");
      throw new AnswerIsNo();
    }
  });
}

async function guide(api: Api, flags: CommonFlags): Promise<void> {
  const out = output(false);
  intro("Postrider: from SMTP settings to a first mail");
  const answers = await ask(flags.lang);
  const tested = await testUntilGood(out, answers, flags.lang);
  const name = await askName(api, tested.provider);
  const account = await api.request<Account>("POST", "/api/v1/accounts", {
    name,
    ...tested.body,
    default: true,
  });
  log.success(`Account "${name}" is stored, its secret encrypted. It is the default now.`);
  if (await answer(confirm({ message: `Send a first mail to ${tested.from}?` })))
    await firstMail(api, out, tested.from, flags.lang, name);
  outro("Next: npx postrider serve. Then any application can send.");
  output(flags.json ?? false).data(account);
}

async function answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await question;
  if (isCancel(given)) throw new Left();
  return given as Exclude<T, symbol>;
}

async function ask(language: Language): Promise<Answers> {
  const from = await answer(
    text({
      message: "Which address should mail come from?",
      placeholder: "app@example.com",
      validate: (value) =>
        /^[^\s@]+@[^\s@]+$/.test(value ?? "") ? undefined : "An address looks like name@example.com.",
    }),
  );
  const provider = await askProvider(from);
  const place = provider === null ? await askServer() : { provider: provider.id };
  if (provider !== null) explainSecret(provider, language);
  const username = await askUsername(provider, from, language);
  const login = username === null ? {} : { username };
  if (provider?.secret.kinds.every((kind) => kind === "oauth2"))
    return askDevice(provider, { ...place, ...login, from }, from);
  const secret = username === null ? null : await askSecret(provider, language);
  return {
    body: { ...place, ...login, from, ...(secret === null ? {} : { password: secret }) },
    proof: secret === null ? null : { password: secret },
    provider,
    from,
  };
}

async function askProvider(from: string): Promise<Provider | null> {
  const found = await detect(from);
  if (found.provider !== null) log.info(`${found.provider.name}: ${found.evidence}`);
  const chosen = await answer(
    autocomplete({
      message: "Which provider sends it?",
      options: [
        ...providers.map(({ id, name, endpoints }) => ({ value: id, label: name, hint: endpoints[0]!.host })),
        { value: "", label: "Another SMTP server" },
      ],
      maxItems: 10,
      ...(found.provider === null ? {} : { initialValue: found.provider.id }),
    }),
  );
  return providers.find(({ id }) => id === chosen) ?? null;
}

async function askServer(): Promise<SettingBody> {
  const host = await answer(
    text({
      message: "Host of the SMTP server",
      validate: (value) => (value?.trim() ? undefined : "Name a host."),
    }),
  );
  const security = await answer(
    select({
      message: "Security",
      options: [
        { value: "starttls" as const, label: "STARTTLS", hint: "port 587, usually" },
        { value: "tls" as const, label: "TLS from the first byte (SSL)", hint: "port 465, usually" },
        { value: "none" as const, label: "none", hint: "this machine only, when it signs in" },
      ],
    }),
  );
  const usual = { starttls: "587", tls: "465", none: "25" }[security];
  const port = await answer(
    text({
      message: "Port",
      initialValue: usual,
      validate: (value) =>
        /^\d{1,5}$/.test(value ?? "") ? undefined : "A port is a number from 1 to 65535.",
    }),
  );
  return { host: host.trim(), port: Number(port), security };
}

function explainSecret({ secret, prerequisites }: Provider, language: Language): void {
  const lines = [
    ...prerequisites.map((one) => `· ${one[language]}`),
    secret.text[language],
    secret.obtain.path[language],
    secret.obtain.url ?? "",
  ];
  note(lines.filter((line) => line !== "").join("\n"), language === "zh" ? "登录所需" : "What signs in here");
}

/** Null for a server that wants no sign-in; the provider's literal is left to it. */
async function askUsername(
  provider: Provider | null,
  from: string,
  language: Language,
): Promise<string | null> {
  if (provider?.username.value !== undefined) return provider.username.value;
  if (provider === null && !(await answer(confirm({ message: "Does it want a sign-in?" })))) return null;
  return answer(
    text({
      message: provider?.username.text[language] ?? "Username",
      initialValue:
        provider === null || provider.username.kind === "address"
          ? from
          : provider.username.kind === "local-part"
            ? from.split("@")[0]!
            : "",
      validate: (value) =>
        value?.trim() ? usernameProblem(provider, value)?.[language] : "A username is needed.",
    }),
  );
}

async function askSecret(provider: Provider | null, language: Language): Promise<string> {
  const given = await answer(
    password({
      message: provider === null ? "Password" : provider.secret.text[language],
      validate: (value) => (value ? undefined : "A secret is needed."),
    }),
  );
  const doubt = secretProblem(provider, given);
  if (doubt !== null) log.warn(doubt[language]);
  return given;
}

/** RFC 8628: the person signs in in a browser anywhere; the refresh token is what is kept. */
async function askDevice(provider: Provider, place: SettingBody, from: string): Promise<Answers> {
  const { oauth2 } = provider;
  if (oauth2 === null || oauth2.device === null)
    throw new UsageError(
      `${provider.name} takes OAuth2 only, and offers no sign-in by device code. Add the account over the API, with a refresh token of your application.`,
    );
  log.info(
    `${provider.name} takes no passwords. Register an application there once; its client id signs you in.`,
  );
  const clientId = await answer(
    text({
      message: "Client id of your application",
      validate: (value) => (value?.trim() ? undefined : "A client id is needed."),
    }),
  );
  const { deviceLogin } = await import("../../../accounts/signin.ts");
  const secret = await deviceLogin({
    oauth2,
    clientId: clientId.trim(),
    onPrompt: ({ verificationUri, userCode }) =>
      log.step(`Open ${verificationUri} and enter the code ${userCode}`),
  });
  const { clientId: id, refreshToken, tokenEndpoint, scopes } = secret;
  return {
    body: { ...place, oauth2: { clientId: id, refreshToken, tokenEndpoint, scopes } },
    proof: null,
    provider,
    from,
  };
}

/** A setting is stored only when it works, or when the person insists. */
async function testUntilGood(out: Output, answers: Answers, language: Language): Promise<Answers> {
  // A renewed sign-in is tried once it is stored: the token endpoint has just answered.
  if (answers.body.oauth2 !== undefined) return answers;
  for (let current = answers; ; ) {
    const { password: _secret, ...input } = current.body;
    const result: TestResult = await testSetting(settingOfInput(input, current.proof), {
      language,
      onStep: (step) => showStep(out, step, language),
    });
    showResult(out, result, undefined, language);
    if (result.ok) return current;
    const next = await answer(
      select({
        message: "And now?",
        options: [
          { value: "again", label: "Try again" },
          ...(current.proof === null ? [] : [{ value: "secret", label: "Enter the secret again" }]),
          { value: "keep", label: "Keep it as it is" },
          { value: "leave", label: "Leave without saving" },
        ],
      }),
    );
    if (next === "leave") throw new Left();
    if (next === "keep") return current;
    if (next === "secret") {
      const secret = await askSecret(current.provider, language);
      current = { ...current, body: { ...current.body, password: secret }, proof: { password: secret } };
    }
  }
}

async function askName(api: Api, provider: Provider | null): Promise<string> {
  const { data } = await api.request<{ data: { name: string }[] }>("GET", "/api/v1/accounts");
  const taken = new Set(data.map(({ name }) => name));
  return answer(
    text({
      message: "A name for this account",
      initialValue:
        provider !== null && !taken.has(provider.id) ? provider.id : taken.has("main") ? "" : "main",
      validate: (value) => {
        if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(value ?? "")) return "Lower case letters, digits and dashes.";
        return taken.has(value!) ? "There is an account of that name." : undefined;
      },
    }),
  );
}

async function firstMail(
  api: Api,
  out: Output,
  to: string,
  language: Language,
  account: string,
): Promise<void> {
  for await (const { event, data } of api.events("/api/v1/tests", { account, to, language })) {
    if (event === "step") showStep(out, data as TestResult["steps"][number], language);
    else if (event === "result") showResult(out, { ...(data as TestResult), verdict: null }, to, language);
    else log.error((data as { message: string }).message);
  }
}
