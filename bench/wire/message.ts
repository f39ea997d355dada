// The message that every sender of the benchmark sends.

const words =
  "delivery queue relay invoice welcome account report monthly button please confirm your address before friday thanks team order number shipped today".split(
    " ",
  );

/** About `bytes` of words in lines of 70 characters. */
function prose(bytes: number): string {
  const lines: string[] = [];
  let line = "";
  let length = 0;
  for (let i = 0; length < bytes; i++) {
    line += `${words[(i * 7 + (i >> 3)) % words.length]} `;
    if (line.length < 70) continue;
    lines.push(line.trimEnd());
    length += line.length + 2;
    line = "";
  }
  return lines.join("\r\n");
}

export const from = "bench@sender.test";
export const to = "user@rcpt.test";
export const subject = "Bench message";

/** 4 KB, ready to be sent. */
export const readyMade = Buffer.from(
  [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    "Date: Mon, 01 Jan 2024 00:00:00 +0000",
    "Message-ID: <bench@sender.test>",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    prose(3_850),
    "",
  ].join("\r\n"),
);

/** For a library that composes: 4 KB as well, once it is done. */
export const parts = {
  subject,
  text: prose(1_150),
  html: `<html><body><p>${prose(1_900)}</p></body></html>`,
};
