// User name and secret by their looks. The secret itself is never repeated: its length and what kinds of characters
// it has are all that is told.
import { observe } from "../../causes/observation.ts";
import { refine } from "../../causes/refine.ts";
import { usernameProblem } from "../../providers/advice.ts";
import type { Text } from "../../providers/provider.ts";
import { isLoopback } from "../../smtp/endpoint.ts";
import { SmtpFailure } from "../../smtp/failure.ts";
import type { Setting } from "../test.ts";
import type { Flaw } from "./flaw.ts";
import { contextOf } from "./result.ts";
import { named, wrongSignIns } from "./told.ts";

/** Values that programs and templates leave behind; nobody's user name or password. */
const leftovers =
  /^(?:undefined|null|nan|\[object object\]|true|false)$|^\$\{\w+\}$|^\{\{.*\}\}$|^%\w+%$|^<[^>]*>$|^process\.env\b|^your[-_ ]?(?:app[-_ ]?)?(?:password|username|user|secret|key|email)$|^(?:changeme|change-me|x{4,}|\*{3,}|•{3,})$/iu;

/** `$SMTP_PASS`; in small letters it may be somebody's password. */
const variable = /^\$[A-Z][A-Z0-9_]+$/;

export function readCredentials(setting: Setting): readonly Flaw[] {
  const { credentials } = setting;
  if (credentials === null) return missing(setting);
  const username = mangled("username", credentials.username) ?? usernameForm(setting);
  const secret = "password" in credentials ? credentials.password : credentials.accessToken;
  const found = [
    username,
    mangled("secret", secret) ?? secretForm(setting) ?? fragile(secret),
    region(setting),
  ];
  return found.filter((flaw) => flaw !== null);
}

/** Mail goes out without a sign-in only where the provider knows its senders by their address. */
function missing({ provider, endpoint: { host }, secret }: Setting): readonly Flaw[] {
  // An account may have a secret that could not be had; that is another matter, and told by whoever wanted it.
  const hasNone = secret.secretKind === undefined || secret.secretKind === "none";
  const needed = hasNone && provider !== null && !provider.secret.kinds.includes("none") && !isLoopback(host);
  if (!needed) return [];
  return [
    {
      cause: "envelope.authentication-required",
      layer: "envelope",
      detail: {
        en: `The setting has no user name and secret, and ${named(provider).en} wants a sign-in`,
        zh: `设置中没有用户名和密码，而${named(provider).zh}要求登录`,
      },
      evidence: [],
      explains: [
        "envelope.relay-denied",
        "envelope.sender-refused",
        "envelope.bad-sequence",
        "envelope.recipient-refused",
      ],
      disprovedBy: "rcpt",
    },
  ];
}

const fieldNames = {
  username: { en: "user name", zh: "用户名" },
  secret: { en: "secret", zh: "密码" },
} as const;

function mangled(field: keyof typeof fieldNames, value: string): Flaw | null {
  const wrong = mangledHow(value, field);
  if (wrong === null) return null;
  const name = fieldNames[field];
  const { length } = [...value];
  return {
    cause: "config.env-value-mangled",
    detail: {
      en: `The ${name.en} ${wrong.en}: the value was lost or changed on its way into the program`,
      zh: `${name.zh}${wrong.zh}：这个值在传入程序时丢失或被改动`,
    },
    evidence: [
      {
        en: `What the program holds has ${length} ${length === 1 ? "character" : "characters"}: ${classesOf(value).en}.`,
        zh: `程序里的值共 ${length} 个字符：${classesOf(value).zh}。`,
      },
    ],
    explains: [
      ...wrongSignIns,
      "config.username-not-full-address",
      "config.app-password-spaces",
      "config.bad-option",
      "auth.basic-auth-disabled",
    ],
    values: { found: { en: `the ${name.en} ${wrong.en}`, zh: `${name.zh}${wrong.zh}` } },
    disprovedBy: "auth",
    ...(value === "" ? { hopeless: true as const } : {}),
  };
}

function mangledHow(value: string, field: keyof typeof fieldNames): Text | null {
  if (value === "") return { en: "is empty", zh: "为空" };
  if (leftovers.test(value.trim()) || variable.test(value.trim()))
    return { en: "is what stands for a value that was never filled in", zh: "是没有被替换的占位内容" };
  if (/^(["'`]).*\1$/su.test(value) || /^[“‘「].*[”’」]$/su.test(value))
    return { en: "has quotation marks around it", zh: "两端带有引号" };
  if (/[“”‘’]/u.test(value)) return { en: "holds typographic quotation marks", zh: "含有中文或弯引号" };
  if (/[\r\n]/.test(value)) return { en: "holds a line break", zh: "含有换行符" };
  if (/[\u200b-\u200f\u2060\ufeff\u00ad]/u.test(value))
    return { en: "holds invisible characters", zh: "含有不可见字符" };
  if (/[\uff01-\uff5e]/u.test(value)) return { en: "holds full-width characters", zh: "含有全角字符" };
  if (value !== value.trim()) return { en: "begins or ends with a blank", zh: "开头或结尾有空白字符" };
  if (field === "username" && /%40/i.test(value))
    return { en: "has %40 in place of @, as in a web address", zh: "中的 @ 变成了 %40（网址编码）" };
  return null;
}

function classesOf(value: string): Text {
  const classes: readonly (readonly [RegExp, Text])[] = [
    [/[a-z]/, { en: "small letters", zh: "小写字母" }],
    [/[A-Z]/, { en: "capitals", zh: "大写字母" }],
    [/\d/, { en: "digits", zh: "数字" }],
    [/\s/u, { en: "blanks", zh: "空白" }],
    [/[!-/:-@[-`{-~]/, { en: "signs", zh: "符号" }],
    [/[^\p{ASCII}]/u, { en: "others than ASCII", zh: "非 ASCII 字符" }],
  ];
  const found = classes.filter(([pattern]) => pattern.test(value)).map(([, name]) => name);
  if (found.length === 0) return { en: "nothing", zh: "无" };
  return { en: found.map(({ en }) => en).join(", "), zh: found.map(({ zh }) => zh).join("、") };
}

function usernameForm({ provider, credentials }: Setting): Flaw | null {
  const username = credentials?.username ?? "";
  const problem = provider === null ? null : usernameProblem(provider, username);
  if (problem === null || provider === null) return null;
  return {
    cause: "config.username-not-full-address",
    detail: { en: problem.en.replace(/\.$/, ""), zh: problem.zh.replace(/。$/u, "") },
    evidence: [
      {
        en: `What ${named(provider).en} wants as user name: ${provider.username.text.en}`,
        zh: `${named(provider).zh}要求的用户名：${provider.username.text.zh}`,
      },
    ],
    explains: [...wrongSignIns, "auth.smtp-service-not-enabled"],
    disprovedBy: "auth",
  };
}

/** What a refusal would come to is asked of the book, so that both say the same. */
function secretForm(setting: Setting): Flaw | null {
  const { provider, credentials, secret } = setting;
  if (provider === null || credentials === null || !("password" in credentials)) return null;
  const refusal = new SmtpFailure("refused", {
    stage: "auth",
    kind: "reply",
    code: null,
    certainty: "not-accepted",
    reply: { code: 535, enhanced: null, lines: [""] },
    secured: true,
  });
  const cause = refine(
    "auth.bad-credentials",
    observe(refusal, setting.endpoint, []),
    contextOf(setting, []),
  );
  if (cause === "auth.bad-credentials" || cause === "config.username-not-full-address") return null;
  const { length } = [...credentials.password];
  const blanks = cause === "config.app-password-spaces";
  const isMatching = secret.secretShape?.matchesPattern === true;
  const name = named(provider);
  return {
    cause,
    layer: blanks ? "config" : "auth",
    detail: blanks
      ? { en: "The secret holds blanks that do not belong to it", zh: "密码中带有多余的空白字符" }
      : {
          en: `The secret is not of the kind that ${name.en} takes over SMTP`,
          zh: `密码不是${name.zh}在 SMTP 中接受的类型`,
        },
    evidence: [
      {
        en: `It has ${length} characters: ${classesOf(credentials.password).en}. What ${name.en} takes: ${provider.secret.text.en}`,
        zh: `共 ${length} 个字符：${classesOf(credentials.password).zh}。${name.zh}接受的是：${provider.secret.text.zh}`,
      },
    ],
    explains: wrongSignIns,
    disprovedBy: "auth",
    // The kind alone is what somebody said of the secret, not how it looks.
    ...(isMatching && !blanks ? { onlyIfFailed: true as const } : {}),
  };
}

/** Characters that shells, .env files and Compose change; the password may be right all the same. */
function fragile(secret: string): Flaw | null {
  const found = [...new Set(secret.match(/[$#"'`\\!%&]/g) ?? [])];
  if (found.length === 0) return null;
  const { length } = [...secret];
  return {
    cause: "config.env-value-mangled",
    detail: {
      en: `The secret holds ${found.join(" ")}, which shells, .env files and Docker Compose treat in ways of their own`,
      zh: `密码中含有 ${found.join(" ")}，shell、.env 文件和 Docker Compose 会对它们做特殊处理`,
    },
    evidence: [
      {
        en: `What the program holds has ${length} characters: compare that with the secret.`,
        zh: `程序里的密码共 ${length} 个字符，请与原密码核对。`,
      },
    ],
    explains: [],
    values: { found: { en: `the secret holds ${found.join(" ")}`, zh: `密码中含有 ${found.join(" ")}` } },
    disprovedBy: "auth",
    hintAt: wrongSignIns,
  };
}

/** Where each region keeps its own accounts, the wrong one answers just as to a wrong password. */
function region({ provider, endpoint: { host } }: Setting): Flaw | null {
  const here = provider?.regions.find((one) => one.host === host);
  const others = provider?.regions.filter((one) => one.host !== host) ?? [];
  if (provider === null || others.length === 0) return null;
  const shown = others
    .slice(0, 4)
    .map((one) => `${one.host} (${one.region})`)
    .join(", ");
  return {
    cause: "config.wrong-region-endpoint",
    detail: {
      en: `${named(provider).en} keeps accounts by region${here === undefined ? "" : `, and this host is that of ${here.region}`}: an account of another region is refused here like a wrong password`,
      zh: `${named(provider).zh}按区域保存账号${here === undefined ? "" : `，当前主机属于 ${here.region}`}：其他区域的账号在这里会像密码错误一样被拒绝`,
    },
    evidence: [{ en: `Hosts of other regions: ${shown}.`, zh: `其他区域的主机：${shown}。` }],
    explains: [],
    disprovedBy: "auth",
    hintAt: ["auth.bad-credentials", "envelope.sender-not-verified"],
  };
}
