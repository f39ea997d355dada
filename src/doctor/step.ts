// One step of a test in a person's words.
import type { Language } from "../causes/explain.ts";
import { verbatim } from "../causes/log-line.ts";
import type { FailureKind, SmtpFailure } from "../smtp/failure.ts";
import type { Step } from "../smtp/steps.ts";

/**
 * What the step came to. A refusal is told in the server's own words and nothing else; a failure without a reply in
 * the person's language, with the code that one searches the web for.
 */
export function detailOf(
  { ok, detail, reply, failure }: Pick<Step, "ok" | "detail" | "reply" | "failure">,
  language: Language,
): string {
  if (ok) return detail;
  const said = failure?.facts.reply ?? reply ?? null;
  if (said !== null) return verbatim(said);
  return failure === undefined || language === "en" ? detail : inChinese(failure);
}

const kinds: Readonly<Record<FailureKind, string>> = {
  reply: "服务器拒绝",
  resolve: "域名解析失败",
  socket: "连接失败",
  tls: "TLS 握手失败",
  timeout: "超时，没有应答",
  protocol: "收到的内容不是 SMTP",
  proxy: "代理拒绝连接",
  local: "本机没有继续",
  aborted: "已中止",
};

function inChinese({ facts: { kind, code, certificate } }: SmtpFailure): string {
  if (code === "CLOSED") return "对方断开了连接";
  const what = certificate === undefined ? kinds[kind] : "证书未通过验证";
  return code === null || code === "TIMEOUT" ? what : `${what}（${code}）`;
}
