// Writes docs/PROVIDERS.md out of the catalogue: `node scripts/provider-table.ts`.
import { writeFileSync } from "node:fs";
import { providers } from "../src/providers/catalogue.ts";
import type { Limits, Provider, ProviderEndpoint, SenderRule } from "../src/providers/provider.ts";

const introduction = `# Providers

Made from \`src/providers/catalogue/\` by \`node scripts/provider-table.ts\`; a test fails when it is out of date.
\`postrider providers ID\` shows all that is known of one: how to get the secret, what to do first, its notes and links.

Endpoints stand in the order of preference; *old* marks one that documentation still names although another is better
today. **Unsourced** names the parts of an entry for which no public source was found: check them before you rely on
them.

| id | provider | endpoints | username | secret | From address | limits | OAuth2 | checked | unsourced |
|---|---|---|---|---|---|---|---|---|---|
`;

const senderRules: Readonly<Record<SenderRule, string>> = {
  "must-equal-login": "the account's own",
  "verified-identity": "verified",
  rewritten: "replaced by the account's own",
  free: "any",
};

/** The whole document. */
export function providerTable(): string {
  return introduction + providers.map((entry) => `| ${cellsOf(entry).join(" | ")} |\n`).join("");
}

function cellsOf(entry: Provider): readonly string[] {
  return [
    `\`${entry.id}\``,
    entry.nameZh === undefined ? entry.name : `${entry.name}<br>${entry.nameZh}`,
    entry.endpoints.map(endpointText).join("<br>"),
    entry.username.kind === "literal" ? `\`${entry.username.value}\`` : entry.username.kind,
    entry.secret.kinds.join(", "),
    senderRules[entry.sender.rule],
    limitsText(entry.limits),
    entry.oauth2 === null ? "" : entry.oauth2.mechanism,
    entry.checked,
    unsourced(entry).join(", "),
  ].map((cell) => cell.replaceAll("|", "\\|"));
}

function endpointText({ host, port, security, legacy }: ProviderEndpoint): string {
  return `${host}:${port} ${security}${legacy ? " *old*" : ""}`;
}

function limitsText(limits: Limits): string {
  const known = [
    [limits.perDay, `${limits.perDayUnit ?? "messages"} a day`],
    [limits.perHour, "an hour"],
    [limits.perMinute, "a minute"],
    [limits.perSecond, "a second"],
    [limits.recipientsPerMessage, "recipients a message"],
    [
      limits.messageSizeBytes === undefined ? undefined : Math.round(limits.messageSizeBytes / 2 ** 20),
      "MiB",
    ],
    [limits.concurrentConnections, "connections"],
    [limits.messagesPerConnection, "messages a connection"],
  ] as const;
  return known.flatMap(([count, what]) => (count === undefined ? [] : [`${count} ${what}`])).join("<br>");
}

function unsourced({ recalled = [], limits, dns, oauth2 }: Provider): readonly string[] {
  const marked = {
    limits: limitsText(limits) !== "" && limits.source.includes("recalled"),
    dns: dns.evidence === "recalled",
    oauth2: oauth2?.source.includes("recalled") ?? false,
  };
  return [...recalled, ...Object.entries(marked).flatMap(([part, is]) => (is ? [part] : []))];
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/PROVIDERS.md", import.meta.url), providerTable());
}
