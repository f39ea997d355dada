// One reused session of the submitter over SMTP: the envelope in one write, the content in another.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Lane } from "../../src/messages/lanes.ts";
import { instant } from "./instant.ts";
import { letter, senderOf, to } from "./letter.ts";
import { host } from "./ports.ts";
import type { Session } from "./submitter-process.ts";

const endOfContent = Buffer.from(".\r\n");
/** Silence of a relay after which the run has failed, milliseconds. */
const silenceMs = 60_000;

export async function smtpSession(port: number): Promise<Session> {
  const socket = connect({ port, host, noDelay: true });
  const replies = new Replies(socket);
  await once(socket, "connect");
  await replies.expect("220");
  socket.write("EHLO submitter.bench.test\r\n");
  const hello = await replies.expect("250");
  if (!/PIPELINING/i.test(hello)) throw new Error(`the relay on port ${port} does not offer PIPELINING`);
  return {
    async send(id: string, lane: Lane) {
      socket.write(`MAIL FROM:<${senderOf(lane)}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
      await replies.expect("250");
      await replies.expect("250");
      await replies.expect("354");
      socket.cork();
      socket.write(letter(id, lane));
      socket.write(endOfContent);
      socket.uncork();
      await replies.expect("250");
      return replies.at;
    },
    close: () => socket.end("QUIT\r\n"),
  };
}

class Replies {
  /** When the last of them came. */
  at = 0;
  #text = "";
  #lines: string[] = [];
  readonly #whole: string[] = [];
  #waiting: { resolve(reply: string): void; reject(error: Error): void } | null = null;
  #ended: Error | null = null;

  constructor(socket: Socket) {
    socket.setTimeout(silenceMs, () => socket.destroy(new Error(`silent for ${silenceMs} ms`)));
    socket.on("data", (chunk) => this.#feed(chunk.toString("latin1")));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the relay has closed the connection")));
  }

  async expect(code: string): Promise<string> {
    const reply = await this.#next();
    if (!reply.startsWith(code)) throw new Error(`wanted ${code}, got ${reply}`);
    return reply;
  }

  #next(): Promise<string> {
    const reply = this.#whole.shift();
    if (reply !== undefined) return Promise.resolve(reply);
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #feed(text: string): void {
    this.at = instant();
    this.#text += text;
    for (let end = this.#text.indexOf("\r\n"); end >= 0; end = this.#text.indexOf("\r\n")) {
      this.#lines.push(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
      if (this.#lines.at(-1)![3] === "-") continue;
      const reply = this.#lines.join("\n");
      this.#lines = [];
      if (this.#waiting === null) this.#whole.push(reply);
      else this.#waiting.resolve(reply);
      this.#waiting = null;
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(this.#ended);
    this.#waiting = null;
  }
}
