// The socket of one connection to the sandbox: writing in one go, slowly or without end, TLS, idling.
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";

export interface WireSetting {
  /** Without a byte from the peer, in milliseconds. */
  readonly idleMs: number;
  readonly onInput: (chunk: Buffer) => void;
  readonly onIdle: () => void;
}

/** After our last word, how long the peer has to close its half, in milliseconds. */
const lingerMs = 5_000;

export class Wire {
  readonly #setting: WireSetting;
  #socket: Socket;
  #output = "";
  #dripMs = 0;
  #dripping: NodeJS.Timeout | null = null;
  /** Why nothing is read: the dialogue waits, or the peer does not take what we write. */
  #held = false;
  #full = false;
  #ended = false;

  constructor(socket: Socket, setting: WireSetting) {
    this.#socket = socket;
    this.#setting = setting;
    // A peer that resets the connection is an everyday thing; `close` follows.
    socket.on("error", () => undefined);
  }

  get ended(): boolean {
    return this.#ended || this.#socket.destroyed;
  }

  /** Begins to read. */
  listen(): void {
    this.#socket.setTimeout(this.#setting.idleMs, this.#setting.onIdle);
    this.#socket.on("data", this.#setting.onInput);
  }

  /** Goes on inside TLS. Whatever was read in clear is the caller's to forget (RFC 3207 §4.2). */
  secure(secureContext: SecureContext, done: (secured: boolean) => void): void {
    const raw = this.#socket;
    this.flush();
    raw.removeAllListeners("data");
    raw.removeAllListeners("timeout");
    raw.setTimeout(0);
    const secured = new TLSSocket(raw, { isServer: true, secureContext });
    this.#socket = secured;
    let settled = false;
    const settle = (good: boolean) => {
      if (settled) return;
      settled = true;
      done(good);
    };
    secured.on("error", () => secured.destroy());
    secured.once("close", () => {
      raw.destroy();
      settle(false);
    });
    secured.setTimeout(this.#setting.idleMs, () => secured.destroy());
    secured.once("secure", () => {
      secured.setTimeout(0);
      secured.removeAllListeners("timeout");
      settle(true);
    });
  }

  /** Adds to what the next `flush` writes. */
  write(text: string): void {
    this.#output += text;
  }

  /** One write for all replies to commands that came together. */
  flush(): void {
    if (this.#output === "" || this.#socket.destroyed) return;
    if (this.#dripMs > 0) {
      if (this.#dripping === null) this.#drip();
      return;
    }
    const text = this.#output;
    this.#output = "";
    this.#send(text);
  }

  /** Writes these bytes as they are. */
  send(bytes: Buffer): void {
    this.flush();
    if (!this.#socket.destroyed) this.#send(bytes);
  }

  /** From here on a byte every `ms`. */
  slowDown(ms: number): void {
    this.flush();
    this.#dripMs = ms;
  }

  /** Writes `block` for as long as the peer reads. */
  repeat(block: Buffer): void {
    this.flush();
    const next = () => {
      if (this.#socket.destroyed) return;
      if (this.#socket.write(block)) setImmediate(next);
      else this.#socket.once("drain", next);
    };
    next();
  }

  /** Stops and resumes reading. */
  hold(held: boolean): void {
    this.#held = held;
    this.#applyReading();
  }

  /** Neither reads nor writes any more; the peer has `ms` to give up. */
  fallSilent(ms: number): void {
    this.flush();
    this.hold(true);
    this.#socket.setTimeout(ms);
  }

  /** Ends our half; the peer's is read until it ends too, so that no reset overtakes the last reply. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.flush();
    if (this.#dripping === null) this.#socket.end();
    this.#socket.setTimeout(lingerMs, () => this.#socket.destroy());
  }

  /** Closes without a further word; what was said before still leaves. */
  hangUp(): void {
    this.#ended = true;
    this.flush();
    this.#socket.destroySoon();
  }

  /** Closes at once. */
  drop(): void {
    if (this.#dripping !== null) clearTimeout(this.#dripping);
    this.#output = "";
    this.#socket.destroy();
  }

  #send(data: string | Buffer): void {
    if (this.#socket.write(data)) return;
    // A peer that sends and never reads would have us keep all its replies.
    this.#full = true;
    this.#applyReading();
    this.#socket.once("drain", () => {
      this.#full = false;
      this.#applyReading();
    });
  }

  #applyReading(): void {
    if (this.#held || this.#full) this.#socket.pause();
    else this.#socket.resume();
  }

  #drip(): void {
    this.#dripping = setTimeout(() => {
      this.#dripping = null;
      if (this.#socket.destroyed) return;
      this.#socket.write(this.#output.slice(0, 1));
      this.#output = this.#output.slice(1);
      if (this.#output !== "") this.#drip();
      else if (this.#ended) this.#socket.end();
    }, this.#dripMs);
  }
}
