// A waiting line in which origins take turns: whoever queues a thousand does not stand before another's one.

/** First come first served within an origin; the origins one after the other. Each step takes the same time, however many wait. */
export class Turns<T> {
  /** In the order of their turns. */
  readonly #origins = new Map<string, Queue<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(origin: string, item: T): void {
    const queue = this.#origins.get(origin);
    if (queue === undefined) this.#origins.set(origin, new Queue(item));
    else queue.push(item);
    this.#size += 1;
  }

  /** Who comes next; undefined when nobody waits. */
  peek(): T | undefined {
    for (const queue of this.#origins.values()) return queue.first;
    return undefined;
  }

  /** Takes who comes next; the origin's next one waits for its next turn. */
  shift(): T | undefined {
    for (const [origin, queue] of this.#origins) {
      this.#origins.delete(origin);
      const item = queue.shift();
      if (queue.size > 0) this.#origins.set(origin, queue);
      this.#size -= 1;
      return item;
    }
    return undefined;
  }

  /** Takes all. */
  drain(): readonly T[] {
    const all: T[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) all.push(item);
    return all;
  }
}

/** An array whose front is not moved up at each step. */
class Queue<T> {
  #items: T[];
  #head = 0;

  constructor(item: T) {
    this.#items = [item];
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
