// Writes docs/causes from the book, a page for each cause; with --check only says whether they are current.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type CauseId, cause, causeIds } from "../src/causes/book.ts";
import type { Layer } from "../src/causes/entry.ts";
import type { Language } from "../src/causes/explain.ts";
import { exampleRemedy, handlingOf, lookAlikesLines, symptomsOf } from "../src/causes/page.ts";

const folder = fileURLToPath(new URL("../docs/causes/", import.meta.url));

const headings = {
  en: {
    shows: "How it shows",
    alike: "What looks like it",
    todo: "What to do",
    mail: "What Postrider does about mail that meets it",
    more: "See also",
  },
  zh: {
    shows: "表现",
    alike: "相似的原因",
    todo: "解决办法",
    mail: "Postrider 如何处理遇到它的邮件",
    more: "参考链接",
  },
} as const;

const layers: Readonly<Record<Layer, string>> = {
  config: "Settings · 设置",
  environment: "Around the program · 运行环境",
  dns: "Name resolution · 域名解析",
  tcp: "Connection · 连接",
  proxy: "Proxy · 代理",
  banner: "Greeting · 服务器问候",
  ehlo: "EHLO and STARTTLS · EHLO 与 STARTTLS",
  protocol: "Protocol · 协议",
  tls: "TLS",
  certificate: "Certificate · 证书",
  client: "Our own refusals · 本机拒绝继续",
  auth: "Sign-in · 登录",
  envelope: "Sender, recipient, limits · 发件人、收件人与限额",
  message: "The message itself · 邮件本身",
  data: "Content · 邮件内容",
  delivery: "After acceptance · 接收之后",
  unknown: "Not recognised · 未识别",
};

const pages = new Map(causeIds.map((id) => [`${id}.md`, page(id)]));
pages.set("README.md", index());
const there = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isFile() ? [entry.name] : [],
);
const strange = there.filter((name) => !pages.has(name));
if (process.argv.includes("--check")) {
  const old = [...pages].filter(
    ([name, text]) => !there.includes(name) || readFileSync(folder + name, "utf8") !== text,
  );
  if (old.length + strange.length > 0) {
    const names = [...old.map(([name]) => name), ...strange].slice(0, 5).join(", ");
    console.error(`docs/causes is not what the book says (${names} …): run \`node scripts/cause-pages.ts\``);
    process.exit(1);
  }
  console.log(`cause-pages: ${pages.size} pages are current`);
} else {
  mkdirSync(folder, { recursive: true });
  for (const name of strange) rmSync(folder + name);
  for (const [name, text] of pages) writeFileSync(folder + name, text);
  console.log(`cause-pages: ${pages.size} pages written`);
}

function page(id: CauseId): string {
  return [
    `<!-- Made from the book by scripts/cause-pages.ts. -->`,
    half(id, "en"),
    "---",
    half(id, "zh"),
    "",
  ].join("\n\n");
}

function half(id: CauseId, language: Language): string {
  const { title, explanation, steps, links } = exampleRemedy(id, language);
  const alikes = lookAlikesLines(id, language, (other) => `[\`${other}\`](${other}.md)`);
  const { shows, alike, todo, mail, more } = headings[language];
  return [
    `${language === "en" ? "#" : "##"} ${escaped(title)}`,
    language === "en" ? `\`${id}\` · [all causes](README.md)` : `\`${id}\``,
    escaped(explanation).replaceAll("\n", "\n\n"),
    `**${shows}**`,
    symptomsOf(id, language)
      .map((line) => `- ${escaped(line)}`)
      .join("\n"),
    ...(alikes.length === 0 ? [] : [`**${alike}**`, alikes.map((line) => `- ${escaped(line)}`).join("\n")]),
    `**${todo}**`,
    steps.map((step, nth) => `${nth + 1}. ${escaped(step)}`).join("\n"),
    `**${mail}**`,
    handlingOf(id, language),
    ...(links.length === 0 ? [] : [`**${more}**`, links.map((link) => `- <${link}>`).join("\n")]),
  ].join("\n\n");
}

function index(): string {
  const chapters = (Object.keys(layers) as Layer[]).map((layer) => {
    const entries = causeIds.filter((id) => cause(id).layer === layer);
    const lines = entries.map((id) => `- [\`${id}\`](${id}.md) ${escaped(exampleRemedy(id, "en").title)}`);
    return `## ${layers[layer]}\n\n${lines.join("\n")}`;
  });
  return [
    `<!-- Made from the book by scripts/cause-pages.ts. -->`,
    "# Why mail does not leave",
    "Every cause that Postrider knows, in the order in which a mail meets them. `postrider doctor` finds which one it is;\n`postrider causes <id>` prints a page on the terminal. An account of\nyou@example.com at smtp.example.com stands for yours, and an ellipsis for what was seen. 每页后半为中文。",
    ...chapters,
    "",
  ].join("\n\n");
}

/** What Markdown would take for a tag or a place of an image. */
function escaped(text: string): string {
  return text.replace(/</g, "&lt;").replace(/\*/g, "\\*");
}
