// The caller's side of the database's thread: calls go out in batches, answers come back to who asked.
import v8 from "node:v8";
import { Worker } from "node:worker_threads";
import { type NewMessage, StoreError } from "../store.ts";
import { revive } from "./failure.ts";
import type { Arguments, OperationName, Result } from "./operations.ts";
import { pack } from "./packing.ts";
import type { Call, Request, Response, WorkerSettings } from "./protocol.ts";

interface Asker {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface DatabaseThread {
  /** Bodies given to it are not usable on this side any more. Rejects with StoreError. */
  call<Name extends OperationName>(name: Name, args: Arguments<Name>): Promise<Result<Name>>;
  /** Lets what was called before finish. */
  close(): Promise<void>;
}

/** The sources run as they are; what is published has been compiled. */
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/**
 * Node strips the types of sources by WebAssembly, in every thread anew. V8 may free a compiled import wrapper that
 * another thread still runs (nodejs/node#64500), and the process dies of it: so no wrapper is compiled.
 */
if (extension === ".ts") v8.setFlagsFromString("--wasm-wrapper-tiering-budget=2147483647");

/** Resolves when the database is open. Rejects with StoreError. */
export function startThread(settings: WorkerSettings): Promise<DatabaseThread> {
  const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), {
    workerData: settings,
    // The program's own flags are not for this thread, and some (--input-type) would keep it from starting.
    execArgv: [],
    name: "postrider-queue",
  });
  const askers = new Map<number, Asker>();
  let outbox: Call[] = [];
  let calls = 0;
  /** Why nothing can be called any more. */
  let ended: Error | null = null;
  let closing = false;
  let exited = false;

  const send = (request: Request, transfer: ArrayBuffer[] = []) => worker.postMessage(request, transfer);

  function flush(): void {
    const batch = outbox;
    if (batch.length === 0) return;
    outbox = [];
    try {
      const { calls: packed, buffers } = packCalls(batch);
      send({ calls: packed }, buffers);
    } catch (error) {
      // Something in it cannot cross threads: a caller's bug, and no reason to leave the others waiting.
      for (const { number } of batch) settle(number, (asker) => asker.reject(error as Error));
    }
  }

  function settle(number: number, how: (asker: Asker) => void): void {
    const asker = askers.get(number);
    askers.delete(number);
    // An idle store does not keep the process running; one with an answer outstanding does.
    if (askers.size === 0 && !closing) worker.unref();
    if (asker !== undefined) how(asker);
  }

  function end(reason: Error): void {
    ended ??= reason;
    for (const number of [...askers.keys()]) settle(number, (asker) => asker.reject(reason));
  }

  const thread: DatabaseThread = {
    call(name, args) {
      return new Promise((resolve, reject) => {
        if (ended !== null) return reject(ended);
        const number = ++calls;
        if (askers.size === 0) worker.ref();
        askers.set(number, { resolve: resolve as (value: unknown) => void, reject });
        if (outbox.length === 0) setImmediate(flush);
        outbox.push({ number, name, args });
      });
    },
    close() {
      return new Promise((resolve, reject) => {
        flush();
        ended ??= closedError();
        closing = true;
        if (exited) return resolve();
        worker.ref();
        worker.on("message", (response: Response) => {
          if (response.kind === "closed" && response.failure !== null) reject(revive(response.failure));
        });
        // Until then its files are not to be counted on as free.
        worker.once("exit", () => resolve());
        send({ close: true });
      });
    },
  };

  return new Promise((resolve, reject) => {
    worker.on("message", (response: Response) => {
      if (response.kind === "answers") {
        for (const answer of response.answers) {
          settle(answer.number, (asker) =>
            "failure" in answer ? asker.reject(revive(answer.failure)) : asker.resolve(answer.value),
          );
        }
      } else if (response.kind === "open") {
        worker.unref();
        resolve(thread);
      } else if (response.kind === "failure") {
        reject(revive(response.failure));
      }
    });
    worker.on("error", (error) => {
      end(
        new StoreError("io", `The queue's thread ended: ${error.message}. Restart the process.`, {
          cause: error,
        }),
      );
      reject(ended);
    });
    worker.on("exit", () => {
      exited = true;
      end(closedError());
      reject(ended);
    });
  });
}

function closedError(): StoreError {
  return new StoreError("closed", "The queue is closed.");
}

/** The bodies of all messages in the batch, made ready to change threads together. */
function packCalls(batch: readonly Call[]): { calls: readonly Call[]; buffers: ArrayBuffer[] } {
  const messagesOf = (call: Call) => (call.name === "accept" ? (call.args[0] as readonly NewMessage[]) : []);
  const { bodies, buffers } = pack(batch.flatMap((call) => messagesOf(call).map(({ content }) => content)));
  let next = 0;
  const calls = batch.map((call) =>
    call.name === "accept"
      ? { ...call, args: [messagesOf(call).map((message) => ({ ...message, content: bodies[next++]! }))] }
      : call,
  );
  return { calls, buffers };
}
