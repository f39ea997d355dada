// A client that says exactly what it is told, for tests of servers.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

const patienceMs = 10_000;

export class Peer {
  #socket: Socket | TLSSocket;
  #text = "";
  #closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket | TLSSocket) {
    this.#socket = socket;
    this.#watch();
  }

  static async connect(
    port: number,
    tls?: { readonly ca: string; readonly servername?: string },
  ): Promise<Peer> {
    const socket =
      tls === undefined
        ? connectTcp(port, "127.0.0.1")
        : connectTls({ port, host: "127.0.0.1", ca: tls.ca, servername: tls.servername ?? "localhost" });
    await new Promise<void>((resolve, reject) => {
      socket.once(tls === undefined ? "connect" : "secureConnect", resolve);
      socket.once("error", reject);
    });
    return new Peer(socket);
  }

  /** Connects, takes the greeting, says EHLO and takes the reply to that. */
  static async greeted(
    port: number,
    tls?: { readonly ca: string; readonly servername?: string },
  ): Promise<Peer> {
    const peer = await Peer.connect(port, tls);
    await peer.reply();
    await peer.ask("EHLO client.example");
    return peer;
  }

  send(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** One line out, one whole reply back, without its last line end. */
  async ask(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return this.reply();
  }

  /** The next whole reply. */
  async reply(): Promise<string> {
    return this.#take((text) => {
      const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(text);
      return match?.[0].length ?? null;
    }).then((text) => text.replace(/\r\n$/, ""));
  }

  async replies(count: number): Promise<readonly string[]> {
    const replies: string[] = [];
    while (replies.length < count) replies.push(await this.reply());
    return replies;
  }

  /** Whatever came until the server closed. */
  async rest(): Promise<string> {
    await this.#until(() => this.#closed);
    return this.#text;
  }

  async atLeast(bytes: number): Promise<string> {
    await this.#until(() => this.#text.length >= bytes);
    return this.#text;
  }

  /** STARTTLS and the handshake. */
  async startTls(ca: string, servername = "localhost"): Promise<string> {
    const reply = await this.ask("STARTTLS");
    await this.handshake(ca, servername);
    return reply;
  }

  async handshake(ca: string, servername = "localhost"): Promise<void> {
    const raw = this.#socket;
    raw.removeAllListeners();
    const secured = connectTls({ socket: raw, ca, servername });
    await new Promise<void>((resolve, reject) => {
      secured.once("secureConnect", resolve);
      secured.once("error", reject);
    });
    this.#socket = secured;
    this.#text = "";
    this.#watch();
  }

  /** Nothing more will come from here; what the server still says is read. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #watch(): void {
    this.#socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("latin1");
      this.#wake();
    });
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  async #take(lengthOf: (text: string) => number | null): Promise<string> {
    await this.#until(() => lengthOf(this.#text) !== null || this.#closed);
    const length = lengthOf(this.#text);
    if (length === null)
      throw new Error(`the server closed after ${JSON.stringify(this.#text.slice(0, 200))}`);
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return taken;
  }

  async #until(done: () => boolean): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!done()) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`nothing more came after ${JSON.stringify(this.#text.slice(0, 200))}`)),
          deadline - Date.now(),
        );
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
