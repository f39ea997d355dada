// What is visibly wrong with a user name or a secret before any server has seen it. Advice, not a verdict: shapes
// change, and the server has the last word.
import { nameOf } from "./name.ts";
import type { Provider, Text } from "./provider.ts";

/** Null when nothing speaks against it. `provider` is null for a server the catalogue does not know. */
export function usernameProblem(provider: Provider | null, username: string): Text | null {
  const stray = strayCharacters(username);
  if (stray !== null) return say("The user name", "用户名", stray);
  if (username === "") return { en: "The user name is missing.", zh: "缺少用户名。" };
  if (provider === null) return null;
  const { kind, value, pattern, text } = provider.username;
  const wrong = (en: string, zh: string): Text => ({
    en: `${en} ${provider.name}: ${text.en}`,
    zh: `${zh}${nameOf(provider, "zh")}：${text.zh}`,
  });
  const isAddress = /^[^@\s]+@[^@\s]+$/.test(username);
  if (kind === "literal" && username !== value) {
    return wrong(
      `The user name here is the word ${value} for everybody.`,
      `这里所有人的用户名都是固定的 ${value}。`,
    );
  }
  if (kind === "address" && !isAddress) {
    return wrong("The user name should be a full address.", "用户名应为完整的邮箱地址。");
  }
  if (kind === "local-part" && isAddress && !provider.domains.includes(domainOf(username))) {
    return wrong("The user name belongs to another provider.", "该用户名属于其他服务商。");
  }
  if (pattern !== undefined && !new RegExp(pattern).test(username)) {
    return wrong("The user name does not have the usual form.", "用户名不是通常的格式。");
  }
  return null;
}

/** About a password or key; access tokens are not for a person to type. Never repeats the secret. */
export function secretProblem(provider: Provider | null, secret: string): Text | null {
  if (secret === "") return { en: "The secret is missing.", zh: "缺少密码或密钥。" };
  const pattern = provider?.secret.pattern;
  if (provider?.secret.kinds.every((kind) => kind === "oauth2")) {
    return {
      en: `${provider.name} takes no password any more. ${provider.secret.text.en}`,
      zh: `${nameOf(provider, "zh")}：已不再接受密码。${provider.secret.text.zh}`,
    };
  }
  const fits = (value: string) => pattern !== undefined && new RegExp(pattern).test(value);
  const together = secret.replace(/\s+/g, "");
  if (provider !== null && together !== secret && fits(together)) {
    return {
      en: `The secret holds spaces or line breaks that are not part of it; ${provider.name} shows them only for reading. Take them out.`,
      zh: `密码中含有不属于它的空格或换行，请去掉（${nameOf(provider, "zh")}：分组显示只是为了便于阅读）。`,
    };
  }
  const stray = strayCharacters(secret);
  if (stray !== null) return say("The secret", "密码或密钥", stray);
  if (provider !== null && pattern !== undefined && !fits(secret)) {
    return {
      en: `The secret does not have the usual form. ${provider.name} takes: ${provider.secret.text.en}`,
      zh: `密码或密钥不是通常的格式。${nameOf(provider, "zh")}：${provider.secret.text.zh}`,
    };
  }
  return null;
}

function strayCharacters(value: string): Text | null {
  if (/\p{Cc}/u.test(value)) {
    return { en: "contains a line break or another control character", zh: "中含有换行或其他控制字符" };
  }
  if (value !== value.trim()) return { en: "begins or ends with a space", zh: "的开头或结尾有空格" };
  return null;
}

function say(en: string, zh: string, what: Text): Text {
  return { en: `${en} ${what.en}. Take it out.`, zh: `${zh}${what.zh}，请去掉。` };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
