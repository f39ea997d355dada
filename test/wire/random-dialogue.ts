// Makes random server byte streams, each from its own number, so that one that fails can be made again.

/** Mulberry32: small, fast, and the same everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  /** True once in `of`. */
  once(of: number): boolean {
    return this.int(of) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)]!;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let i = 0; i < count; i++) bytes[i] = this.int(256);
    return bytes;
  }
}

export const secret = "p4ssW0rd-of-wire";
const secretForms = [
  secret,
  Buffer.from(secret).toString("base64"),
  Buffer.from(`\0user\0${secret}`).toString("base64"),
  Buffer.from(`user=user\x01auth=Bearer ${secret}\x01\x01`).toString("base64"),
];

const capabilities = [
  "PIPELINING",
  "PIPELINING",
  "CHUNKING",
  "8BITMIME",
  "SMTPUTF8",
  "DSN",
  "SIZE",
  "SIZE 1000000",
  "SIZE 10",
  "ENHANCEDSTATUSCODES",
  "AUTH PLAIN LOGIN CRAM-MD5",
  "AUTH SCRAM-SHA-256 PLAIN",
  "AUTH XOAUTH2 OAUTHBEARER PLAIN",
  "AUTH",
  "X-ODD  =  ?",
];
const answers: readonly (readonly string[])[] = [
  ["250 2.1.0 ok", "250 sender"],
  ["250 2.1.5 ok", "251 forwarded"],
  ["354 go on", "354"],
  ["250 2.0.0 queued as 1", "250-2.0.0 queued\r\n250 as 1"],
];
const surprises = [
  "421 4.3.2 bye",
  "450 4.7.1 later",
  "550 5.1.1 no such user",
  "554-5.7.1 no\r\n554 5.7.1 never",
  "354 go on",
  "334 VXNlcm5hbWU6",
  "334 ",
  "235 2.7.0 welcome",
  "535 5.7.8 wrong",
  "220 go ahead",
  "221 bye",
  "250 ok",
  "503 5.5.1 bad sequence",
  "252 maybe",
  "599 ?",
  "200",
  "HTTP/1.1 400 Bad Request",
  "* OK IMAP4rev1",
  "",
  "250-",
  "25",
];
const lineEnds = ["\n", "\r", "\n\r", "\r\r\n", "\0\r\n", " \r\n", ""];

/** The pieces a server writes, in order: mostly what a good one says, with mistakes, malice and noise in it. */
export function randomDialogue(random: Random): Buffer[] {
  if (random.once(20)) return cut(random, random.bytes(random.int(400)));
  const mistakes = random.pick([0, 0, 4, 10, 25]);
  const lines = ["220 mail.test ESMTP", ehlo(random), ...signIn(random)];
  for (let message = 0; message < 3; message++)
    for (const choices of answers) lines.push(random.pick(choices));
  lines.push("250 noop", "221 bye");

  const parts: Buffer[] = [];
  for (const line of lines) {
    if (mistakes > 0 && random.once(mistakes)) parts.push(...mistake(random, line));
    else parts.push(Buffer.from(`${line}\r\n`));
  }
  return random.once(3) ? cut(random, Buffer.concat(parts)) : parts;
}

function ehlo(random: Random): string {
  const offered = ["mail.test"];
  for (let i = random.int(6); i > 0; i--) offered.push(random.pick(capabilities));
  return offered.map((text, i) => `250${i < offered.length - 1 ? "-" : " "}${text}`).join("\r\n");
}

function signIn(random: Random): string[] {
  if (random.once(2)) return ["235 2.7.0 welcome"];
  const turns = Array.from(
    { length: random.int(4) },
    () => `334 ${random.once(3) ? random.bytes(random.int(30)).toString("base64") : "VXNlcm5hbWU6"}`,
  );
  return random.once(3) ? [] : [...turns, random.pick(["235 ok", "535 5.7.8 wrong"])];
}

function mistake(random: Random, line: string): Buffer[] {
  const good = Buffer.from(`${line}\r\n`);
  switch (random.int(12)) {
    case 0:
      return [];
    case 1:
      return [good, good];
    case 2:
      return [Buffer.from(`${random.pick(surprises)}\r\n`)];
    case 3:
      return [good, Buffer.from(`${random.pick(surprises)}\r\n`)];
    case 4:
      return [Buffer.from(line + random.pick(lineEnds))];
    case 5:
      return [good.subarray(0, random.int(good.length))];
    case 6: {
      const damaged = Buffer.from(good);
      for (let i = random.int(3); i >= 0; i--) damaged[random.int(damaged.length)] = random.int(256);
      return [damaged];
    }
    case 7:
      return [random.bytes(random.int(200))];
    case 8:
      return [Buffer.from(`250 ${"x".repeat(random.int(6000))}\r\n`)];
    case 9:
      return [Buffer.from("250-more\r\n".repeat(random.int(300)))];
    case 10:
      // Says our secret back to us.
      return [Buffer.from(`${line.slice(0, 3)} you said ${random.pick(secretForms)}\r\n`)];
    default:
      return [Buffer.from(`${random.int(1000)}${random.pick([" ", "-", "", "\t"])}${line}\r\n`)];
  }
}

function cut(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  // Single bytes, but not thousands of them one by one.
  const most = Math.max(random.pick([1, 3, 20, 200]), Math.ceil(bytes.length / 50));
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.int(most);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
