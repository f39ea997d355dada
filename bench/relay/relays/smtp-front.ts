// The bench's own SMTP front: what it takes to hand a message to the library, and no more. The product's door has
// sign-in, TLS and extensions; this one is for loopback.
import { createServer, type Server, type Socket } from "node:net";

export interface Taken {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** With CRLF line ends; the dots that the protocol adds are gone. */
  readonly content: Buffer;
}

/** Resolves with the message's id once it is on stable storage. */
export type Accept = (message: Taken) => Promise<string>;

/** The bench's letters have 4 KB. */
const mostBytes = 1024 * 1024;
/** Octets of a command with its CRLF: RFC 5321 §4.5.3.1.4, and room for parameters. */
const longestLine = 2048;
/** RFC 5321 §4.5.3.1.8: at least a hundred. */
const mostRecipients = 100;
const mostConnections = 200;
/** RFC 5321 §4.5.3.2.7. Milliseconds. */
const silenceMs = 300_000;
const endOfContent = Buffer.from("\r\n.\r\n");

export function smtpFront(accept: Accept): Server {
  const server = createServer({ noDelay: true }, (socket) => new FrontSession(socket, accept).begin());
  server.maxConnections = mostConnections;
  return server;
}

class FrontSession {
  readonly #socket: Socket;
  readonly #accept: Accept;
  /** What has come and is not understood yet. */
  #chunks: Buffer[] = [];
  #size = 0;
  #sender: string | null = null;
  #recipients: string[] = [];
  #inContent = false;
  /** A message is being stored: what follows waits. */
  #storing = false;

  constructor(socket: Socket, accept: Accept) {
    this.#socket = socket;
    this.#accept = accept;
  }

  begin(): void {
    const socket = this.#socket;
    socket.setTimeout(silenceMs, () => this.#leave("421 4.4.2 silent for too long"));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      this.#chunks.push(chunk);
      this.#size += chunk.byteLength;
      if (!this.#storing) this.#go();
      // What waits is bounded too.
      else if (this.#size > longestLine) socket.pause();
    });
    socket.write("220 front.bench.test ESMTP\r\n");
  }

  #go(): void {
    // Replies to what came together leave together.
    this.#socket.cork();
    while (
      !this.#storing &&
      !this.#socket.destroyed &&
      (this.#inContent ? this.#content() : this.#command())
    );
    this.#socket.uncork();
  }

  /** All that has come as one piece. */
  #whole(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #keep(rest: Buffer): void {
    this.#chunks = [rest];
    this.#size = rest.byteLength;
  }

  /** Whether there may be more to do. */
  #command(): boolean {
    const text = this.#whole();
    const end = text.indexOf(10);
    if (end < 0 || end > longestLine) {
      if (text.byteLength > longestLine) this.#leave("500 5.5.2 line too long");
      return false;
    }
    this.#keep(text.subarray(end + 1));
    this.#obey(text.toString("latin1", 0, end).trimEnd());
    return true;
  }

  #obey(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "QUIT") this.#leave("221 2.0.0 Bye");
    else this.#say(this.#replyTo(verb, line));
  }

  #replyTo(verb: string, line: string): string {
    switch (verb) {
      case "EHLO":
        this.#forget();
        return `250-front.bench.test\r\n250-PIPELINING\r\n250 SIZE ${mostBytes}`;
      case "MAIL":
        this.#sender = pathOf(line);
        this.#recipients = [];
        return this.#sender === null ? "501 5.5.4 no reverse-path" : "250 2.1.0 Ok";
      case "RCPT":
        return this.#recipient(pathOf(line));
      case "DATA":
        this.#inContent = this.#recipients.length > 0;
        return this.#inContent ? "354 go ahead" : "503 5.5.1 no recipient";
      case "RSET":
        this.#forget();
        return "250 2.0.0 Ok";
      case "NOOP":
        return "250 2.0.0 Ok";
      default:
        return "502 5.5.1 not here";
    }
  }

  #recipient(address: string | null): string {
    if (this.#sender === null) return "503 5.5.1 MAIL first";
    if (address === null || address === "") return "501 5.5.4 no forward-path";
    if (this.#recipients.length === mostRecipients) return "452 4.5.3 too many recipients";
    this.#recipients.push(address);
    return "250 2.1.5 Ok";
  }

  #content(): boolean {
    const text = this.#whole();
    const end = text.indexOf(endOfContent);
    if (end < 0) {
      if (this.#size > mostBytes) this.#leave("552 5.3.4 too large");
      return false;
    }
    const content = unstuffed(text.subarray(0, end + 2));
    this.#keep(text.subarray(end + endOfContent.byteLength));
    this.#inContent = false;
    this.#storing = true;
    void this.#store({ sender: this.#sender!, recipients: this.#recipients, content });
    return false;
  }

  async #store(message: Taken): Promise<void> {
    const reply = await this.#accept(message).then(
      (id) => `250 2.0.0 ${id}`,
      (error: unknown) =>
        `451 4.3.0 ${(error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ")}`,
    );
    this.#storing = false;
    if (this.#socket.destroyed) return;
    this.#forget();
    this.#say(reply);
    this.#socket.resume();
    this.#go();
  }

  #forget(): void {
    this.#sender = null;
    this.#recipients = [];
  }

  #say(reply: string): void {
    this.#socket.write(`${reply}\r\n`);
  }

  #leave(reply: string): void {
    this.#socket.end(`${reply}\r\n`);
    this.#socket.destroySoon();
  }
}

/** The address between the angle brackets; null where there are none. */
function pathOf(line: string): string | null {
  return /^[A-Za-z]{4} (?:FROM|TO):\s*<([^<>]*)>/i.exec(line)?.[1] ?? null;
}

/** RFC 5321 §4.5.2. A copy: what it was read into is used again. */
function unstuffed(content: Buffer): Buffer {
  if (content[0] !== 46 && content.indexOf("\r\n.") < 0) return Buffer.from(content);
  return Buffer.from(content.toString("latin1").replaceAll(/^\./gm, ""), "latin1");
}
