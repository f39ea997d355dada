// How far a long task is: one line in place on a terminal, a plain line now and then elsewhere.
import { span } from "./common.ts";
import type { Output } from "./output.ts";

export interface Reached {
  readonly what: string;
  readonly done: number;
  /** Null when it is not counted. */
  readonly of: number | null;
}

/** Milliseconds between two lines. */
const onTerminal = 200;
const elsewhere = 10_000;

export class ProgressLine {
  readonly #out: Output;
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  #what: string | null = null;
  #begun = { at: 0, done: 0 };
  #shownAt = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(out: Output, stream: NodeJS.WriteStream = process.stdout, now = () => performance.now()) {
    this.#out = out;
    this.#stream = stream;
    this.#now = now;
  }

  show(reached: Reached): void {
    if (this.#out.json) return;
    const now = this.#now();
    const fresh = reached.what !== this.#what;
    if (fresh) {
      this.#what = reached.what;
      this.#begun = { at: now, done: reached.done };
    }
    const terminal = this.#stream.isTTY;
    if (now - this.#shownAt < (terminal ? onTerminal : elsewhere) && !(fresh && !terminal)) return;
    this.#shownAt = now;
    const text = this.#text(reached, now);
    // Goes to the line's beginning and clears what an earlier, longer one has left.
    this.#stream.write(terminal ? `\r\u001b[2K${text}` : `${text}\n`);
    this.#open = terminal;
  }

  /** What comes next begins on a line of its own. */
  end(): void {
    if (this.#open) this.#stream.write("\r\u001b[2K");
    this.#open = false;
  }

  #text({ what, done, of }: Reached, now: number): string {
    if (of === null) return `  ${what}`;
    const seconds = (now - this.#begun.at) / 1000;
    const rate = seconds > 0 ? (done - this.#begun.done) / seconds : 0;
    const left = rate > 0 && of > done ? `, ${span(((of - done) / rate) * 1000)} left` : "";
    const speed = rate > 0 ? `, ${count(Math.round(rate))} a second` : "";
    return `  ${count(done)} of ${count(of)} ${what}${speed}${left}`;
  }
}

const count = (number: number) => number.toLocaleString("en-US");
