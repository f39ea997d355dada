// The one message a test sends, when it is asked to.
import { compose } from "../messages/compose.ts";

const texts = {
  en: {
    subject: "Postrider test message",
    text: "This message shows that mail leaves with these settings.\n\nNo answer is needed.",
  },
  zh: { subject: "Postrider 测试邮件", text: "收到这封邮件，说明此邮件设置可以正常发信。\n\n无需回复。" },
} as const;

/** RFC 5322 bytes. @throws MessageError for an address that is none. */
export async function testMessage(from: string, to: string, language: "en" | "zh"): Promise<Uint8Array> {
  const { content } = await compose({ from, to: [to], ...texts[language] });
  return content;
}
