// Calls from the bench into a process of its own, and their answers.
import type { ChildProcess } from "node:child_process";

export type Calls = Readonly<Record<string, (...args: never[]) => unknown>>;

interface Question {
  readonly number: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Reply =
  | { readonly number: number; readonly value?: unknown }
  | { readonly number: number; readonly error: string };

interface Asker {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The child's side: answers until the bench is gone. */
export function answer(calls: Calls): void {
  process.on("message", async ({ number, name, args }: Question) => {
    process.send?.(await replyTo(calls[name]!, number, args));
  });
  process.once("disconnect", () => process.exit());
  process.send?.("ready");
}

async function replyTo(call: Calls[string], number: number, args: readonly unknown[]): Promise<Reply> {
  try {
    return { number, value: await call(...(args as never[])) };
  } catch (error) {
    return { number, error: error instanceof Error ? error.message : String(error) };
  }
}

/** How long a process may take until it answers at all, milliseconds. */
const startMs = 30_000;

/** The bench's side. Every call has a time limit, and fails when the process ends or the bench is called off. */
export class Remote<Of extends Calls> {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;
  readonly #askers = new Map<number, Asker>();
  #asked = 0;
  #ended: Error | null = null;

  private constructor(name: string, child: ChildProcess, signal: AbortSignal) {
    this.#name = name;
    this.#child = child;
    this.#signal = signal;
    child.on("message", (reply: Reply | "ready") => this.#onReply(reply));
    child.once("error", (error) => this.#end(error));
    child.once("exit", (code, by) => this.#end(new Error(`${name} has ended early (${by ?? code})`)));
    signal.addEventListener("abort", () => this.#end(signal.reason), { once: true });
  }

  /** Resolves when the process answers. */
  static async to<Of extends Calls>(
    name: string,
    child: ChildProcess,
    signal: AbortSignal,
  ): Promise<Remote<Of>> {
    const remote = new Remote<Of>(name, child, signal);
    await remote.#answerTo(0, "start", startMs);
    return remote;
  }

  call<Name extends keyof Of & string>(
    timeoutMs: number,
    name: Name,
    ...args: Parameters<Of[Name]>
  ): Promise<Awaited<ReturnType<Of[Name]>>> {
    const number = ++this.#asked;
    const answered = this.#answerTo(number, name, timeoutMs);
    if (this.#ended === null) this.#child.send({ number, name, args } satisfies Question);
    return answered as Promise<Awaited<ReturnType<Of[Name]>>>;
  }

  #answerTo(number: number, what: string, timeoutMs: number): Promise<unknown> {
    if (this.#signal.aborted) this.#end(this.#signal.reason);
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#askers.delete(number);
        reject(new Error(`${this.#name}: no answer to "${what}" within ${timeoutMs} ms`));
      }, timeoutMs);
      const settled = () => clearTimeout(timer);
      this.#askers.set(number, {
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
    });
  }

  #onReply(reply: Reply | "ready"): void {
    const number = reply === "ready" ? 0 : reply.number;
    const asker = this.#askers.get(number);
    this.#askers.delete(number);
    if (reply === "ready") asker?.resolve(null);
    else if ("error" in reply) asker?.reject(new Error(`${this.#name}: ${reply.error}`));
    else asker?.resolve(reply.value);
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const asker of this.#askers.values()) asker.reject(reason);
    this.#askers.clear();
  }
}
