// `postrider providers`: the catalogue, one entry, and which provider serves an address.
import { Command } from "commander";
import { detect, provider, providers } from "../../../providers/catalogue.ts";
import type { Provider, ProviderEndpoint } from "../../../providers/provider.ts";
import { type CommonFlags, withCommon } from "../common.ts";
import { AnswerIsNo } from "../exit.ts";
import { type Output, output } from "../output.ts";

const headings = {
  en: {
    endpoints: "Endpoints",
    username: "Username",
    secret: "Secret",
    obtain: "How to get it",
    before: "Before",
    sender: "Sender",
    limits: "Limits",
    notes: "Worth knowing",
    help: "Help",
    checked: "Checked",
  },
  zh: {
    endpoints: "服务器",
    username: "用户名",
    secret: "密钥",
    obtain: "获取方式",
    before: "前提",
    sender: "发件人",
    limits: "限制",
    notes: "须知",
    help: "帮助",
    checked: "核对日期",
  },
} as const;

export function providersCommand(): Command {
  const command = withCommon(
    new Command("providers")
      .summary("what is known of mail providers")
      .argument("[id]", "one provider, in full"),
  );
  command.action(async (id: string | undefined, flags: CommonFlags) => {
    const out = output(flags.json ?? false);
    if (id === undefined) showAll(out);
    else {
      const entry = provider(id);
      out.data(entry);
      showOne(out, entry, flags.lang);
    }
  });
  // Options of the parent would otherwise swallow those of the same name given after `detect`.
  command.enablePositionalOptions();
  command.addCommand(
    withCommon(
      new Command("detect").summary("which provider serves an address").argument("<address>"),
    ).action(async (address: string, flags: CommonFlags) => {
      const out = output(flags.json ?? false);
      const found = await detect(address);
      out.data({ provider: found.provider?.id ?? null, by: found.by, evidence: found.evidence });
      if (found.provider === null) out.line(`No provider of the catalogue: ${found.evidence}`);
      else out.line(`${out.paint("bold", found.provider.name)} (${found.provider.id}): ${found.evidence}`);
      if (found.provider === null) throw new AnswerIsNo();
    }),
  );
  return command;
}

const endpointText = ({ host, port, security }: ProviderEndpoint) => `${host}:${port} (${security})`;

function showAll(out: Output): void {
  out.data(providers);
  const rows = providers.map((entry) => [
    out.paint("bold", entry.id),
    entry.name,
    endpointText(entry.endpoints[0]!),
    entry.secret.kinds.join(" or "),
  ]);
  out.table([["ID", "NAME", "BEST ENDPOINT", "SECRET"].map((title) => out.paint("dim", title)), ...rows]);
}

function limitsText({ limits }: Provider): string {
  const parts = [
    limits.perDay === undefined ? "" : `${limits.perDay} ${limits.perDayUnit ?? "messages"}/day`,
    limits.perHour === undefined ? "" : `${limits.perHour}/hour`,
    limits.perMinute === undefined ? "" : `${limits.perMinute}/minute`,
    limits.perSecond === undefined ? "" : `${limits.perSecond}/second`,
    limits.recipientsPerMessage === undefined ? "" : `${limits.recipientsPerMessage} recipients/message`,
    limits.messageSizeBytes === undefined
      ? ""
      : `${(limits.messageSizeBytes / 2 ** 20).toFixed(0)} MiB/message`,
    limits.concurrentConnections === undefined ? "" : `${limits.concurrentConnections} connections`,
    limits.messagesPerConnection === undefined ? "" : `${limits.messagesPerConnection} messages/connection`,
  ].filter((part) => part !== "");
  if (parts.length === 0) return "";
  return `${parts.join(", ")}${limits.source.includes("recalled") ? " (unverified)" : ""}`;
}

function showOne(out: Output, entry: Provider, language: "en" | "zh"): void {
  const title = headings[language];
  const section = (name: string, lines: readonly string[]) => {
    const kept = lines.filter((line) => line !== "");
    if (kept.length === 0) return;
    out.line();
    out.line(out.paint("bold", name));
    for (const line of kept) out.prose(line, "  ");
  };
  out.line(`${out.paint("bold", entry.name)}  ${out.paint("dim", entry.id)}`);
  section(
    title.endpoints,
    entry.endpoints.map(
      (endpoint) =>
        `${endpointText(endpoint)}${endpoint.note === undefined ? "" : `  ${out.paint("dim", endpoint.note[language])}`}`,
    ),
  );
  section(title.username, [entry.username.value ?? "", entry.username.text[language]]);
  section(title.secret, [`${entry.secret.text[language]} [${entry.secret.kinds.join(", ")}]`]);
  section(title.obtain, [entry.secret.obtain.path[language], entry.secret.obtain.url ?? ""]);
  section(
    title.before,
    entry.prerequisites.map((text) => text[language]),
  );
  section(title.sender, [entry.sender.text[language]]);
  section(title.limits, [limitsText(entry)]);
  section(title.notes, [
    ...entry.notes.map((text) => text[language]),
    ...entry.changes.map((change) => `${change.date}: ${change.text[language]}`),
  ]);
  section(title.help, entry.links);
  section(title.checked, [entry.checked]);
}
