// What was sent and what became of it.
import { simpleParser } from "mailparser";
import { PostriderError } from "./error.ts";
import type { Depth, ListRequest, QueueStore, StoredAttempt, StoredMessage } from "./queue/store.ts";
import type { Retention } from "./retention.ts";

/** Whether the message itself can be shown: it can, it is no longer kept, or it is marked sensitive and never is. */
export type ContentState = "kept" | "removed" | "sensitive";

/** A stored message with its text, while that is kept. */
export interface MessageDetail extends StoredMessage {
  readonly content: ContentState;
  readonly text: string | null;
  readonly html: string | null;
}

export interface MessagesOptions {
  readonly store: QueueStore;
  readonly retention: Retention;
  /** Called when something may be due now. */
  readonly wake: () => void;
  /** The time by the clock that all who send go by. */
  readonly now: () => number;
}

/** Reads the queue for the doors, and moves what a person wants moved. */
export class Messages {
  readonly #store: QueueStore;
  readonly #retention: Retention;
  readonly #wake: () => void;
  readonly #now: () => number;

  /** @internal */
  constructor({ store, retention, wake, now }: MessagesOptions) {
    this.#store = store;
    this.#retention = retention;
    this.#wake = wake;
    this.#now = now;
  }

  /** @throws PostriderError when there is no such message. */
  async get(id: string): Promise<StoredMessage> {
    const message = await this.#store.get(id);
    if (message === null)
      throw new PostriderError(
        "unknown-message",
        `There is no message "${id}", or it is no longer kept. \`postrider messages list\` shows the newest.`,
      );
    return message;
  }

  /** With its text, as far as that is kept. @throws PostriderError when there is no such message. */
  async detail(id: string): Promise<MessageDetail> {
    const message = await this.get(id);
    if (message.sensitive) return { ...message, content: "sensitive", text: null, html: null };
    const content = await this.#store.content(id);
    if (content === null) return { ...message, content: "removed", text: null, html: null };
    const parsed = await simpleParser(Buffer.from(content.buffer, content.byteOffset, content.byteLength), {
      skipTextToHtml: true,
      skipHtmlToText: true,
    });
    return { ...message, content: "kept", text: parsed.text ?? null, html: parsed.html || null };
  }

  /** Whether the message itself can be shown. */
  async contentState({ id, sensitive }: StoredMessage): Promise<ContentState> {
    if (sensitive) return "sensitive";
    return (await this.#store.content(id)) === null ? "removed" : "kept";
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
      throw new PostriderError(
        "content-gone",
        `The content of message ${id} is no longer kept: it goes ${this.#retention.contentDays} days after the last recipient has ended.`,
      );
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

  /** Gives every recipient that can be tried again another try now; how many. @throws PostriderError when that is none. */
  async retry(id: string): Promise<number> {
    await this.get(id);
    const moved = await this.#store.retry(id, this.#now());
    if (moved === 0)
      throw nothing(
        "No recipient of this message can be tried again: each was sent, expired or canceled, or is being sent now, or its content is no longer kept.",
      );
    this.#wake();
    return moved;
  }

  /** Cancels what has not been sent; how many recipients. @throws PostriderError when that is none. */
  async cancel(id: string): Promise<number> {
    await this.get(id);
    const moved = await this.#store.cancel(id, this.#now());
    if (moved === 0)
      throw nothing(
        "Nothing of this message can be canceled any more: each recipient is settled, or is being sent now.",
      );
    return moved;
  }

  /**
   * A person found that what is `unknown` has arrived: those recipients become `sent`; how many.
   * @throws PostriderError when that is none.
   */
  async confirm(id: string): Promise<number> {
    await this.get(id);
    const moved = await this.#store.confirm(id, this.#now());
    if (moved === 0)
      throw nothing("There is nothing to confirm: no recipient of this message is in the state unknown.");
    return moved;
  }
}

const nothing = (why: string) => new PostriderError("nothing-to-do", why);
