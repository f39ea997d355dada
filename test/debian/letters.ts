// Messages that a careless sender, or a careless relay, would damage.

const head = (subject: string, more = "") =>
  [
    "From: Sender <from@debian.test>",
    "To: Recipient <to@debian.test>",
    `Subject: ${subject}`,
    "Date: Mon, 23 Nov 2026 12:00:00 +0000",
    `Message-ID: <${subject.replace(/[^a-z0-9]+/gi, "-")}@debian.test>`,
    "MIME-Version: 1.0",
    more || "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit",
    "",
    "",
  ].join("\r\n");

const letter = (subject: string, body: string): Buffer => Buffer.from(head(subject) + body);

export const dots = letter(
  "dots",
  [".", "..", "...", ".x", "x.", "", ".", "QUIT", ". ", ".\t.", "the end is near", ".", ""].join("\r\n"),
);

export const eightBit = Buffer.concat([
  letter("eight bits", "Grüße, 你好, Привет, 🏤\r\n"),
  // Not UTF-8 at all, which is nobody's business but the reader's.
  Buffer.from([0xff, 0xfe, 0x80, 0xe4, 0xf6, 0x0d, 0x0a]),
]);

/** 998 characters and CRLF: the longest that RFC 5322 §2.1.1 allows. */
export const longLines = letter(
  "long lines",
  `${"x".repeat(998)}\r\n${"y".repeat(998)}\r\n.${"z".repeat(997)}\r\n`,
);

/** Beyond what the standard allows, and what software that folds nothing sends every day. */
export const tooLongLines = letter(
  "longer lines",
  `${"long ".repeat(1000)}\r\n.${"dot ".repeat(2000)}\r\nend\r\n`,
);

export const empty = letter("nothing in it", "");

/** 20 MiB of noise in base64. */
export function attachment(): Buffer {
  const noise = Buffer.alloc(20 * 1024 * 1024);
  let state = 1;
  for (let at = 0; at < noise.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise.writeUInt32LE(state, at);
  }
  const lines = noise.toString("base64").replace(/.{76}/g, "$&\r\n");
  const type = [
    'Content-Type: application/octet-stream; name="noise.bin"',
    "Content-Transfer-Encoding: base64",
    'Content-Disposition: attachment; filename="noise.bin"',
  ].join("\r\n");
  return Buffer.from(`${head("twenty megabytes", type)}${lines}\r\n`);
}
