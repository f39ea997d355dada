// A queue that takes and gives at its head and takes at its tail in constant time, however long it is.

const smallest = 16;

export class Deque<T> {
  /** A ring; its length is a power of two. */
  #items: (T | undefined)[] = new Array(smallest);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    this.#makeRoom();
    this.#items[(this.#head + this.#length) & (this.#items.length - 1)] = item;
    this.#length += 1;
  }

  unshift(item: T): void {
    this.#makeRoom();
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#length += 1;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length -= 1;
    // What a rush once needed is given back after it.
    if (this.#length === 0 && this.#items.length > smallest) this.#items = new Array(smallest);
    if (this.#length === 0) this.#head = 0;
    return item;
  }

  #makeRoom(): void {
    const { length } = this.#items;
    if (this.#length < length) return;
    const items: (T | undefined)[] = new Array(length * 2);
    for (let at = 0; at < length; at += 1) items[at] = this.#items[(this.#head + at) & (length - 1)];
    this.#items = items;
    this.#head = 0;
  }
}
