// What chapters of one layer have in common.
import type { Stage } from "../../smtp/stage.ts";

/** Where a server says that the sign-in was refused; a few say so only when mail is offered. */
export const whereverSaid: readonly Stage[] = ["auth", "mail", "rcpt", "data", "content"];

export const obtain = {
  en: "Get one: {obtain}.",
  zh: "获取方式：{obtain}。",
};

export const enter = {
  en: "Enter it as the secret of the account; mail that waits is then sent by itself.",
  zh: "把它填为该账号的密码，等待中的邮件随后会自动发出。",
};

/** Stages that judge a message and its addresses. */
export const transaction: readonly Stage[] = ["mail", "rcpt", "data", "content"];

export const fixSender = {
  en: "Set the From address to one that belongs to the account, or add {sender} at {provider} as an alias, a send-as address or a verified sender.",
  zh: "把发件人改为属于该账号的地址，或在{provider}把 {sender} 添加为别名、代发地址或已验证的发件人。",
};
