// A process on the stage that answers questions, one JSON text a line, several at a time.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #said = "";

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#process = spawn(program, [...args], { env });
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-4_000);
    });
    this.#process.stdin.on("error", () => undefined);
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#answered(line));
    this.#process.once("close", (code, signal) => {
      const error = new Error(`${args.at(-1)} has ended (${code ?? signal}): ${this.#said}`);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  /** @throws what went wrong there, and when the process ends before it answers. */
  ask<Answer>(question: unknown): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise<Answer>((resolve, reject) => {
      if (this.#process.exitCode !== null)
        return reject(new Error(`the child process is over: ${this.#said}`));
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#process.stdin.write(`${JSON.stringify({ id, question })}\n`);
    });
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const closed = once(this.#process, "close");
    this.#process.stdin.end();
    const stubborn = setTimeout(() => this.#process.kill("SIGKILL"), 5_000);
    await closed;
    clearTimeout(stubborn);
  }

  #answered(line: string): void {
    const { id, answer, error } = JSON.parse(line) as { id: number; answer?: unknown; error?: string };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  }
}

/** In the child: answers until nobody asks any more, then ends the process. */
export function answerAll<Question>(reply: (question: Question) => Promise<unknown>): void {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const { id, question } = JSON.parse(line) as { id: number; question: Question };
    const said = await reply(question).then(
      (answer) => ({ id, answer: answer ?? null }),
      (error: Error) => ({ id, error: error.stack ?? String(error) }),
    );
    process.stdout.write(`${JSON.stringify(said)}\n`);
  });
  lines.once("close", () => process.exit(0));
}
