// A connection's place in the pool: what is under way on it, and what it does while there is nothing.
import type { Connection } from "./connection.ts";

/** A server that leaves a NOOP unanswered for longer is not there. Milliseconds. */
const noopMs = 10_000;

/** How long a server has to answer our QUIT: the place is wanted for another connection. Milliseconds. */
const partingMs = 1_000;

export interface PlaceOptions {
  readonly maxMessages: number;
  /** What is done after so many milliseconds without work: NOOP, or the end of the connection. */
  readonly restMs: number;
  readonly keepAlive: boolean;
  /** It may have work again, after a NOOP. */
  readonly onFree: () => void;
}

export class Place {
  readonly connection: Connection;
  /** Messages under way that are not urgent. */
  others = 0;
  /** Nothing was given to it yet, and it has not waited for work either. */
  fresh = true;
  readonly #options: PlaceOptions;
  #timer: NodeJS.Timeout | null = null;
  #leaving = false;
  #asking = false;

  constructor(connection: Connection, options: PlaceOptions) {
    this.connection = connection;
    this.#options = options;
  }

  /** Stands, with nothing under way. */
  get free(): boolean {
    return this.open && this.connection.inFlight === 0;
  }

  /** Whether messages may be given to it. */
  get open(): boolean {
    return !this.#leaving && !this.#asking && this.connection.alive;
  }

  /** Whether a NOOP is out: it will soon be free, or gone. */
  get asking(): boolean {
    return this.#asking;
  }

  /** Whether an urgent message is kept from it by something that is not urgent. */
  get occupied(): boolean {
    return this.others > 0 || (this.#leaving && this.connection.inFlight === 0);
  }

  /** To be called when a message was given: it takes no more once it had its share. */
  count(): void {
    this.#leaving ||= this.connection.messages >= this.#options.maxMessages;
  }

  /** Takes no more, and ends when nothing is under way. */
  dismiss(): void {
    this.#leaving = true;
    this.rest();
  }

  /** Whether it takes no more messages for good. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** To be called when nothing may be under way any more. */
  rest(): void {
    if (this.connection.inFlight > 0 || !this.connection.alive || this.#asking) return;
    this.fresh = false;
    if (this.#leaving) this.#leave();
    // A timer that is there is not taken away while there is work: that would be done for each message.
    else if (this.#timer === null) this.#timer = setTimeout(this.#onQuiet, this.#options.restMs);
    else this.#timer.refresh();
  }

  /** Ends the connection: politely, within a second, when nothing is under way. */
  async close(): Promise<void> {
    if (this.connection.inFlight > 0) this.connection.destroy();
    else await this.connection.quit(partingMs);
  }

  /** To be called when the connection has ended. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  readonly #onQuiet = (): void => {
    this.#timer = null;
    if (!this.free) return;
    if (this.#options.keepAlive) this.#ask();
    else this.#leave();
  };

  #leave(): void {
    this.end();
    this.#leaving = true;
    void this.connection.quit(partingMs);
  }

  #ask(): void {
    this.#asking = true;
    this.#timer = setTimeout(() => this.connection.destroy(), noopMs);
    this.connection.noop().then(
      () => {
        this.#asking = false;
        this.end();
        this.rest();
        this.#options.onFree();
      },
      // The connection has ended, and says so itself.
      () => undefined,
    );
  }
}
