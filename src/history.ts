// What was sent and what became of it.
import { simpleParser } from "mailparser";
import type { Depth, ListRequest, QueueStore, StoredAttempt, StoredMessage } from "./queue/store.ts";

/** A stored message with its text, while that is kept. */
export interface MessageDetail extends StoredMessage {
  readonly text: string | null;
  readonly html: string | null;
}

/** A thing that is not there, or a request that clashes with what is. */
export class PostriderError extends Error {
  readonly problem:
    | "unknown-message"
    | "content-gone"
    | "idempotency-conflict"
    | "built-in"
    | "no-sender"
    | "too-large";

  constructor(problem: PostriderError["problem"], message: string) {
    super(message);
    this.name = "PostriderError";
    this.problem = problem;
  }
}

/** Reads the queue for the doors, and moves what a person wants moved. */
export class Messages {
  readonly #store: QueueStore;
  readonly #wake: () => void;

  /** @internal */
  constructor(store: QueueStore, wake: () => void) {
    this.#store = store;
    this.#wake = wake;
  }

  /** @throws PostriderError when there is no such message. */
  async get(id: string): Promise<StoredMessage> {
    const message = await this.#store.get(id);
    if (message === null)
      throw new PostriderError(
        "unknown-message",
        `There is no message "${id}". \`postrider messages list\` shows the newest.`,
      );
    return message;
  }

  /** With its text, as far as that is kept. @throws PostriderError when there is no such message. */
  async detail(id: string): Promise<MessageDetail> {
    const message = await this.get(id);
    const content = message.sensitive ? null : await this.#store.content(id);
    if (content === null) return { ...message, text: null, html: null };
    const parsed = await simpleParser(Buffer.from(content.buffer, content.byteOffset, content.byteLength), {
      skipTextToHtml: true,
      skipHtmlToText: true,
    });
    return { ...message, text: parsed.text ?? null, html: parsed.html || null };
  }

  /** The message, byte for byte. @throws PostriderError when it is unknown, sensitive, or its content is no longer kept. */
  async source(id: string): Promise<Uint8Array> {
    const message = await this.get(id);
    if (message.sensitive)
      throw new PostriderError(
        "content-gone",
        `Message ${id} is marked sensitive: its content is not shown.`,
      );
    const content = await this.#store.content(id);
    if (content === null)
      throw new PostriderError("content-gone", `The content of message ${id} is no longer kept.`);
    return content;
  }

  attempts(id: string): Promise<readonly StoredAttempt[]> {
    return this.#store.attempts(id);
  }

  list(
    request: ListRequest,
  ): Promise<{ readonly messages: readonly StoredMessage[]; readonly more: boolean }> {
    return this.#store.list(request);
  }

  depth(): Promise<readonly Depth[]> {
    return this.#store.depth();
  }

  /** Gives every recipient that can be tried again another try now; how many. @throws PostriderError. */
  async retry(id: string): Promise<number> {
    await this.get(id);
    const moved = await this.#store.retry(id, Date.now());
    this.#wake();
    return moved;
  }

  /** Cancels what has not been sent; how many recipients. @throws PostriderError. */
  async cancel(id: string): Promise<number> {
    await this.get(id);
    return this.#store.cancel(id, Date.now());
  }
}
