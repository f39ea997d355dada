// A server that says exactly what a test wants, byte by byte, over a real socket.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect } from "vitest";
import { connect, type SmtpConnection } from "../../src/smtp/client.ts";
import { SmtpFailure, type SmtpFailureFacts } from "../../src/smtp/failure.ts";
import type { ConnectOptions, Envelope } from "../../src/smtp/options.ts";
import type { SendResult } from "../../src/smtp/result.ts";

/** The server's end of one connection. */
export class Peer {
  readonly socket: Socket;
  /** All that the client wrote in clear, as Latin-1. */
  heard = "";
  #read = 0;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("data", this.#onData);
    socket.on("close", () => this.#wake());
  }

  readonly #onData = (bytes: Buffer): void => {
    this.heard += bytes.toString("latin1");
    this.#wake();
  };

  /** Writes bytes as they are. */
  say(text: string | Uint8Array): void {
    if (!this.socket.destroyed)
      this.socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
  }

  /** Reads up to and including `mark`; what the client wrote so far when it closes before. */
  async until(mark: string): Promise<string> {
    for (;;) {
      const at = this.heard.indexOf(mark, this.#read);
      if (at < 0 && !this.socket.destroyed) {
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
        continue;
      }
      const end = at < 0 ? this.heard.length : at + mark.length;
      const text = this.heard.slice(this.#read, end);
      this.#read = end;
      return text;
    }
  }

  /** What has come and was not read; waits when that is nothing. A small write comes as one. */
  async chunk(): Promise<string> {
    await this.take(1);
    const text = this.heard.slice(this.#read - 1);
    this.#read = this.heard.length;
    return text;
  }

  /** The next `count` bytes; fewer when the client closes before. */
  async take(count: number): Promise<string> {
    while (this.heard.length - this.#read < count && !this.socket.destroyed) {
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    const text = this.heard.slice(this.#read, this.#read + count);
    this.#read += text.length;
    return text;
  }

  /** The next command, without its line end. */
  async line(): Promise<string> {
    return (await this.until("\r\n")).replace(/\r\n$/, "");
  }

  /** Greets, and answers EHLO with these capabilities. */
  async ready(...capabilities: readonly string[]): Promise<void> {
    this.say("220 mail.test ESMTP\r\n");
    await this.line();
    const lines = ["mail.test", ...capabilities];
    this.say(lines.map((line, i) => `250${i < lines.length - 1 ? "-" : " "}${line}\r\n`).join(""));
  }

  /** Takes MAIL, one RCPT and DATA, and asks for the content. */
  async envelope(): Promise<void> {
    for (const answer of ["250 2.1.0 sender", "250 2.1.5 recipient", "354 go on"]) {
      await this.line();
      this.say(`${answer}\r\n`);
    }
  }

  /** The content with its final dot. */
  content(): Promise<string> {
    return this.until("\r\n.\r\n");
  }

  closed(): Promise<void> {
    return this.socket.destroyed ? Promise.resolve() : once(this.socket, "close").then(() => undefined);
  }

  /** Takes the socket away, for a handshake. */
  release(): Socket {
    this.socket.off("data", this.#onData);
    return this.socket;
  }
}

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  readonly peers: readonly Peer[];
}

/** Plays `script` to everyone who connects. Disposing of it closes everything, and fails when a script failed. */
export async function serve(script: (peer: Peer) => void | Promise<void>): Promise<ScriptedServer> {
  const peers: Peer[] = [];
  const failures: unknown[] = [];
  const server = createServer((socket) => {
    const peer = new Peer(socket);
    peers.push(peer);
    Promise.resolve(script(peer)).catch((error: unknown) => {
      failures.push(error);
      socket.destroy();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    async [Symbol.asyncDispose]() {
      for (const { socket } of peers) socket.destroy();
      await new Promise((closed) => server.close(closed));
      expect(failures).toEqual([]);
    },
  };
}

export function settings(port: number, more: Partial<ConnectOptions> = {}): ConnectOptions {
  return { endpoint: { host: "127.0.0.1", port, security: "none" }, clientName: "client.test", ...more };
}

export const envelope: Envelope = { from: "from@wire.test", to: [{ address: "to@wire.test" }] };
export const message = Buffer.from("Subject: hello\r\n\r\nhello\r\n");

/** Connects to `port` and hands the connection to `use`; nothing stays open. */
export async function withConnection<T>(
  options: ConnectOptions,
  use: (connection: SmtpConnection) => Promise<T>,
): Promise<T> {
  const connection = await connect(options);
  try {
    return await use(connection);
  } finally {
    connection.destroy();
  }
}

/** What became of one message to one recipient. */
export function sendOne(options: ConnectOptions, content: Uint8Array = message): Promise<SendResult> {
  return withConnection(options, (connection) => connection.send(envelope, content));
}

/** The facts of the failure that `work` rejects with, or that the first recipient met. */
export async function failureOf(
  work: Promise<SmtpConnection | SendResult>,
): Promise<SmtpFailureFacts & { readonly message: string }> {
  const end: unknown = await work.then(
    (done) => {
      if (!("recipients" in done)) return expect.fail("the connection opened");
      const [first] = done.recipients;
      return first?.ok === false ? first.failure : expect.fail("the message was taken");
    },
    (error: unknown) => error,
  );
  if (!(end instanceof SmtpFailure)) throw end;
  return { ...end.facts, message: end.message };
}
