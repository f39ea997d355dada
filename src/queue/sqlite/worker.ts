// The database's thread: every write, every read and every fsync happens here, never on the event loop.
import type { Transferable } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import type { Claimed } from "../store.ts";
import { openDatabase } from "./database.ts";
import { describe, type PlainFailure } from "./failure.ts";
import { createGroups } from "./group.ts";
import { pack } from "./packing.ts";
import type { Answer, Call, Request, Response, WorkerSettings } from "./protocol.ts";
import { createEngine } from "./statements.ts";

const settings = workerData as WorkerSettings;
const port = parentPort!;

function say(response: Response, transfer: Transferable[] = []): void {
  port.postMessage(response, transfer);
}

try {
  serve();
} catch (error) {
  say({ kind: "failure", failure: describe(error, settings.directory) });
  port.close();
}

function serve(): void {
  const database = openDatabase(settings);
  const groups = createGroups(createEngine(database.db), settings.directory);

  let waiting: Call[] = [];
  /** One turn of the loop takes all messages off the port before this runs: what a group is made of. */
  function commit(): void {
    const calls = waiting;
    waiting = [];
    if (calls.length === 0) return;
    const { answers, buffers } = packAnswers(calls, groups.run(calls));
    say({ kind: "answers", answers }, buffers);
  }

  port.on("message", (request: Request) => {
    if ("calls" in request) {
      if (waiting.length === 0) setImmediate(commit);
      for (const call of request.calls) waiting.push(call);
      return;
    }
    commit();
    let failure: PlainFailure | null = null;
    try {
      database.close();
    } catch (error) {
      failure = describe(error, settings.directory);
    }
    say({ kind: "closed", failure });
    port.close();
  });
  say({ kind: "open" });
}

/** The bodies in all answers, made ready to change threads together. */
function packAnswers(
  calls: readonly Call[],
  answers: readonly Answer[],
): { answers: readonly Answer[]; buffers: ArrayBuffer[] } {
  const claimedBy = (answer: Answer, i: number) =>
    calls[i]!.name === "claim" && "value" in answer ? (answer.value as Claimed) : null;
  const { bodies, buffers } = pack(
    answers.flatMap((answer, i) => (claimedBy(answer, i)?.claims ?? []).map(({ content }) => content)),
  );
  let next = 0;
  const packed = answers.map((answer, i) => {
    const claimed = claimedBy(answer, i);
    if (claimed === null) return answer;
    const claims = claimed.claims.map((claim) => ({ ...claim, content: bodies[next++]! }));
    return { number: answer.number, value: { ...claimed, claims } };
  });
  return { answers: packed, buffers };
}
