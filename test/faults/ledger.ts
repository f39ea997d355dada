// Who was promised what, and what arrived: counted at the peer by Message-ID and recipient.

/** What a server took in one transaction. */
export interface Taken {
  /** The Message-ID header. */
  readonly messageId: string;
  /** Reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
  /** Which of the server's connections, from 1. */
  readonly connection: number;
  /** The name that the client gave in EHLO. */
  readonly client: string;
  /** Milliseconds of this process's own clock, which nothing sets. */
  readonly at: number;
}

export class Ledger {
  readonly #promised = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #copies = new Map<string, number>();
  readonly #transactions = new Map<string, number>();
  #messages = 0;
  #doubles = 0;

  /** Its acceptance was told. */
  promise(messageId: string, recipients: readonly string[]): void {
    this.#messages += 1;
    for (const recipient of recipients) {
      const key = keyOf(messageId, recipient);
      this.#promised.add(key);
      if (!this.#copies.has(key)) this.#missing.add(key);
    }
  }

  /** Somebody's server has taken it. */
  take({ messageId, to }: Pick<Taken, "messageId" | "to">): void {
    let again = false;
    for (const recipient of to) {
      const key = keyOf(messageId, recipient);
      const copies = this.#copies.get(key) ?? 0;
      again ||= copies > 0;
      this.#copies.set(key, copies + 1);
      this.#missing.delete(key);
    }
    if (again) this.#doubles += 1;
    this.#transactions.set(messageId, (this.#transactions.get(messageId) ?? 0) + 1);
  }

  /** Messages whose acceptance was told. */
  get messages(): number {
    return this.#messages;
  }

  /** Recipients of those messages. */
  get promised(): number {
    return this.#promised.size;
  }

  /** Recipients that have it, promised or not: a process may die between keeping its promise and giving it. */
  get delivered(): number {
    return this.#copies.size;
  }

  /** Promised and not delivered, as `Message-ID recipient`. */
  get missing(): readonly string[] {
    return [...this.#missing];
  }

  get complete(): boolean {
    return this.#missing.size === 0;
  }

  /** Transactions that brought somebody what had come before. */
  get doubles(): number {
    return this.#doubles;
  }

  copies(messageId: string, recipient: string): number {
    return this.#copies.get(keyOf(messageId, recipient)) ?? 0;
  }

  /** Copies of what was sent to this address, whatever the message. */
  copiesTo(recipient: string): number {
    let copies = 0;
    for (const [key, count] of this.#copies) if (key.endsWith(` ${recipient}`)) copies += count;
    return copies;
  }
}

function keyOf(messageId: string, recipient: string): string {
  return `${messageId} ${recipient}`;
}
