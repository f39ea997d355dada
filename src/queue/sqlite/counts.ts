// How many recipients stand in each state that is not final: counted once, then kept up with every move.
import { type Lane, lanes } from "../../messages/lanes.ts";
import { isFinal, type RecipientState, recipientStates } from "../../messages/states.ts";
import type { Statements } from "./statements.ts";

/** With a million waiting, counting takes a quarter of a second, in which an urgent message would wait. */
export class Counts {
  readonly #statements: Statements;
  #counted: Map<string, number> | null = null;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The table may say something else now: a transaction was undone. */
  forget(): void {
    this.#counted = null;
  }

  of(lane: Lane, state: RecipientState): number {
    this.#counted ??= this.#count();
    return this.#counted.get(place(lane, state)) ?? 0;
  }

  /** `from` is null for a recipient that is new. */
  moved(lane: Lane, from: RecipientState | null, to: RecipientState): void {
    if (this.#counted === null || from === to) return;
    if (from !== null) this.#add(lane, from, -1);
    this.#add(lane, to, 1);
  }

  #add(lane: Lane, state: RecipientState, count: number): void {
    const at = place(lane, state);
    if (!isFinal(state)) this.#counted!.set(at, (this.#counted!.get(at) ?? 0) + count);
  }

  #count(): Map<string, number> {
    const counted = new Map<string, number>();
    for (const [laneNumber, lane] of lanes.entries()) {
      for (const [stateNumber, state] of recipientStates.entries()) {
        if (isFinal(state)) continue;
        const { recipients } = this.#statements.countIn.get(stateNumber, laneNumber)!;
        counted.set(place(lane, state), recipients as number);
      }
    }
    return counted;
  }
}

function place(lane: Lane, state: RecipientState): string {
  return `${lane} ${state}`;
}
