// Lets messages through to an account: the urgent lane first, origins in turns, no more than there is room and budget for.
import { type Lane, lanes } from "../messages/lanes.ts";
import { Turns } from "./turns.ts";

/** The budget of an account. */
export interface Meter {
  /** Spends it and returns a ticket to give it back with, or null and spends nothing. */
  take(urgent: boolean, cost: number): number | null;
}

export interface GateSize {
  /** Connections of the account; with 0 nobody is let in. */
  readonly connections: number;
  /** Of them, those that only urgent messages may use. */
  readonly reserved: number;
  /** Messages that are not urgent on one connection, one written behind the other. */
  readonly depth: number;
}

export interface Visitor {
  readonly lane: Lane;
  /** Those of one lane take turns by origin. */
  readonly origin: string;
  readonly cost: number;
}

/** `away`: nothing goes for a while, as the budget has nothing, or the account takes nothing. */
export type Admission = { readonly ticket: number } | "away" | "shut";

interface Waiting {
  readonly cost: number;
  readonly tell: (admission: Admission) => void;
}

export class Gate {
  #size: GateSize;
  readonly #meter: Meter;
  readonly #waiting: Readonly<Record<Lane, Turns<Waiting>>> = {
    urgent: new Turns(),
    normal: new Turns(),
    bulk: new Turns(),
  };
  readonly #inside = { urgent: 0, others: 0 };
  /** One at a time, of whatever lane. */
  #single = true;
  #shut = false;
  #held = false;
  readonly #emptied: (() => void)[] = [];

  constructor(size: GateSize, meter: Meter) {
    this.#size = size;
    this.#meter = meter;
  }

  /** Resolves when it is this one's turn, its cost spent; whoever was admitted calls `leave` once. Else nothing was spent. */
  enter({ lane, origin, cost }: Visitor): Promise<Admission> {
    if (this.#shut) return Promise.resolve("shut");
    return new Promise((tell) => {
      this.#waiting[lane].push(origin, { cost, tell });
      this.admit();
    });
  }

  leave(lane: Lane): void {
    this.#inside[lane === "urgent" ? "urgent" : "others"] -= 1;
    this.admit();
    if (this.#taken === 0) for (const tell of this.#emptied.splice(0)) tell();
  }

  /** Resolves when nobody is inside. */
  empty(): Promise<void> {
    if (this.#taken === 0) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  /** One message at a time, or as many as there is room for. Those inside stay. */
  set single(single: boolean) {
    this.#single = single;
    this.admit();
  }

  /** Another size from now on; those inside stay. */
  resize(size: GateSize): void {
    this.#size = size;
    this.admit();
  }

  /** While held, nobody is admitted. */
  hold(held: boolean): void {
    this.#held = held;
    this.admit();
  }

  /** Sends away those for whom nothing goes for a while: all, or all that are not urgent. */
  turnAway(who: "all" | "others"): void {
    for (const lane of lanes) {
      if (lane === "urgent" && who === "others") continue;
      for (const { tell } of this.#waiting[lane].drain()) tell("away");
    }
  }

  /** Sends away all who wait, and all who come. */
  shut(): void {
    this.#shut = true;
    for (const lane of lanes) for (const { tell } of this.#waiting[lane].drain()) tell("shut");
  }

  /** Lets in whom there is room and budget for: to be called when the budget has something again. */
  admit(): void {
    if (this.#held) return;
    for (const lane of lanes) {
      const urgent = lane === "urgent";
      while (this.#hasRoom(urgent)) {
        const next = this.#waiting[lane].peek();
        if (next === undefined) break;
        // Who comes behind must not spend what this one is waiting for.
        const ticket = this.#meter.take(urgent, next.cost);
        if (ticket === null) return;
        this.#waiting[lane].shift();
        this.#inside[urgent ? "urgent" : "others"] += 1;
        next.tell({ ticket });
      }
    }
  }

  get #taken(): number {
    return this.#inside.urgent + this.#inside.others;
  }

  #hasRoom(urgent: boolean): boolean {
    const { connections, reserved, depth } = this.#size;
    if (this.#single || connections <= 1) return this.#taken < Math.min(connections, 1);
    return urgent
      ? this.#inside.urgent < connections
      : this.#inside.others < (connections - reserved) * depth;
  }
}
