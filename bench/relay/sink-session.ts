// One connection to the sink: the little of SMTP that a well-behaved client needs, as cheap as can be.
import { idField } from "./letter.ts";

const helloReply =
  "250-sink.bench.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1048576\r\n";
const endOfContent = "\r\n.\r\n";
/** More than any message or command line here. */
const mostOctets = 2 * 1024 * 1024;

export class SinkSession {
  readonly #write: (text: string) => void;
  readonly #arrived: (id: string, reply: () => void) => void;
  /** What has come and is not understood yet, as Latin-1: one character is one octet. */
  #text = "";
  /** So far there is no end of the content. */
  #searched = 0;
  #inContent = false;
  /** Whether a reply is held back: what follows it waits. */
  #holds = false;
  #going = false;

  constructor(write: (text: string) => void, arrived: (id: string, reply: () => void) => void) {
    this.#write = write;
    this.#arrived = arrived;
  }

  greet(): void {
    this.#write("220 sink.bench.test ESMTP\r\n");
  }

  /** @throws when the client sends without end. */
  feed(chunk: Buffer): void {
    this.#text += chunk.toString("latin1");
    if (this.#text.length > mostOctets) throw new Error("a message or command line has no end");
    this.#go();
  }

  #go(): void {
    if (this.#going) return;
    this.#going = true;
    while (!this.#holds && (this.#inContent ? this.#content() : this.#command()));
    this.#going = false;
  }

  /** Whether there may be more to do. */
  #content(): boolean {
    const end = this.#text.indexOf(endOfContent, this.#searched);
    if (end < 0) {
      this.#searched = Math.max(0, this.#text.length - endOfContent.length + 1);
      return false;
    }
    const at = this.#text.indexOf(idField);
    const id = at < 0 || at > end ? "" : this.#text.slice(at + idField.length, this.#text.indexOf("\r", at));
    this.#text = this.#text.slice(end + endOfContent.length);
    this.#searched = 0;
    this.#inContent = false;
    this.#holds = true;
    this.#arrived(id, () => {
      this.#holds = false;
      this.#write("250 2.0.0 Ok\r\n");
      this.#go();
    });
    return true;
  }

  #command(): boolean {
    const end = this.#text.indexOf("\n");
    if (end < 0) return false;
    const verb = this.#text.slice(0, 4).toUpperCase();
    this.#text = this.#text.slice(end + 1);
    this.#inContent = verb === "DATA";
    if (verb === "DATA") this.#write("354 go ahead\r\n");
    else
      this.#write(verb === "EHLO" ? helloReply : verb === "QUIT" ? "221 2.0.0 Bye\r\n" : "250 2.0.0 Ok\r\n");
    return true;
  }
}
