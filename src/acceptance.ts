// Taking a message in: one path for what is composed here and for what comes ready made.
import type { Account } from "./accounts/account.ts";
import { limitsOf } from "./accounts/limits.ts";
import type { Routes } from "./accounts/routes.ts";
import type { RecipientEvent } from "./delivery/events.ts";
import { PostriderError } from "./error.ts";
import { compose, type Mail } from "./messages/compose.ts";
import type { ComposedMessage } from "./messages/composed.ts";
import type { Lane } from "./messages/lanes.ts";
import { type Envelope, fromRaw, type RawCourse } from "./messages/raw.ts";
import type { NewMessage, QueueStore } from "./queue/store.ts";

/** Where a message came from, and the promise that repeating the request repeats nothing. */
export interface SendContext {
  /** Which door and key; `library` when absent. */
  readonly origin?: string;
  readonly idempotency?: { readonly key: string; readonly bodyHash: string } | null;
}

export interface Sent {
  readonly id: string;
  /** Whether an earlier request with the same idempotency key had been accepted; its id is given. */
  readonly repeated: boolean;
  /** Recipients that stand on the suppression list: nothing is sent to them. */
  readonly suppressed: readonly string[];
}

/** How a ready-made message travels: its envelope, which alone decides who gets it, and what `send` takes of the same names. */
export interface Submission extends RawCourse {
  readonly envelope: Envelope;
}

export interface AcceptanceOptions {
  readonly store: Pick<QueueStore, "accept" | "get">;
  readonly routes: Pick<Routes, "resolve" | "select">;
  /** Largest message, in bytes. */
  readonly maxBytes: number;
  /** The time by the clock that all who send go by. */
  readonly now: () => number;
  /** Called after each message that is on stable storage. */
  readonly onAccepted: (createdAt: number) => void;
  readonly emit: (event: RecipientEvent) => void;
}

export class Acceptance {
  readonly #options: AcceptanceOptions;

  constructor(options: AcceptanceOptions) {
    this.#options = options;
  }

  /** Composes a message and accepts it. @throws MessageError, AccountError, PostriderError, StoreError. */
  async send(mail: Mail, context: SendContext): Promise<Sent> {
    return this.#accept(await this.prepare(mail, context));
  }

  /**
   * The message that `send` would store. `promised`: the id and the time that whoever asked for it knows already.
   * @throws as `send` does, but for StoreError.
   */
  async prepare(
    mail: Mail,
    context: SendContext,
    promised: { readonly id: string; readonly now: number } | null = null,
  ): Promise<NewMessage> {
    const from = mail.from ?? this.#senderFor(mail, context);
    return this.#routed(await compose({ ...mail, from }, { ...this.#composing(), ...promised }), context);
  }

  /** It is on stable storage: delivery hears of it, and whoever listens what is never sent. */
  stored(message: NewMessage, suppressed: readonly string[]): void {
    this.#options.onAccepted(message.createdAt);
    this.#tell(message, suppressed);
  }

  /** Accepts RFC 5322 bytes. @throws as `send` does. */
  async submit(bytes: Uint8Array, { envelope, ...course }: Submission, context: SendContext): Promise<Sent> {
    return this.#accept(this.#routed(fromRaw(bytes, envelope, course, this.#composing()), context));
  }

  #composing(): { readonly now: number; readonly maxBytes: number } {
    const { now, maxBytes } = this.#options;
    return { now: now(), maxBytes };
  }

  /** Who a message is from that does not say so: the account it would leave through. */
  #senderFor(mail: Mail, context: SendContext): string {
    const route = mail.route ?? this.#select("", context, mail.lane ?? "normal");
    const sender = this.#accounts(route).find((account) => account.from !== null)?.from;
    if (sender != null) return sender;
    throw new PostriderError(
      "no-sender",
      "The message names no sender (`from`), and neither does the account it would leave through. Give one of them.",
    );
  }

  /** A route whose rule fits; null leaves it to the default account at the time of sending. */
  #select(from: string, { origin = "library" }: SendContext, lane: Lane): string | null {
    return this.#options.routes.select({ from, origin, lane });
  }

  #accounts(route: string | null): readonly Account[] {
    return this.#options.routes.resolve(route).accounts;
  }

  #routed(composed: ComposedMessage, context: SendContext): NewMessage {
    const route = composed.route ?? this.#select(composed.envelopeFrom, context, composed.lane);
    refuseTooLarge(composed.content.byteLength, this.#accounts(route));
    return {
      ...composed,
      route,
      // A code or a name of a service stands in many a subject: what is sensitive is kept in the content alone, which goes.
      view: composed.sensitive ? { ...composed.view, subject: "" } : composed.view,
      origin: context.origin ?? "library",
      idempotency: context.idempotency ?? null,
    };
  }

  async #accept(message: NewMessage): Promise<Sent> {
    const [accepted] = await this.#options.store.accept([message]);
    if (accepted === undefined) throw new Error("storage accepted a message without saying so");
    switch (accepted.status) {
      case "conflict":
        throw new PostriderError(
          "idempotency-conflict",
          `This idempotency key came before with another message (${accepted.id}). Use a new key for a new message.`,
        );
      case "repeated":
        return { id: accepted.id, repeated: true, suppressed: await this.#suppressedOf(accepted.id) };
      case "accepted":
        this.stored(message, accepted.suppressed);
        return { id: accepted.id, repeated: false, suppressed: accepted.suppressed };
    }
  }

  async #suppressedOf(id: string): Promise<readonly string[]> {
    const message = await this.#options.store.get(id);
    return (message?.recipients ?? [])
      .filter(({ state }) => state === "suppressed")
      .map(({ address }) => address);
  }

  #tell({ id, lane, recipients, createdAt }: NewMessage, suppressed: readonly string[]): void {
    for (const address of suppressed)
      this.#options.emit({
        type: "suppressed",
        at: createdAt,
        id,
        lane,
        index: recipients.indexOf(address),
        address,
        account: null,
      });
  }
}

/** A message that no account of its route can take is refused at once and not days later. */
function refuseTooLarge(bytes: number, accounts: readonly Account[]): void {
  const limits = accounts.map((account) => limitsOf(account).messageSizeBytes ?? Number.POSITIVE_INFINITY);
  const largest = Math.max(...limits);
  if (accounts.length === 0 || bytes <= largest) return;
  const mebibytes = (size: number) => `${(size / 2 ** 20).toFixed(1)} MiB`;
  throw new PostriderError(
    "too-large",
    `The message has ${mebibytes(bytes)} with its attachments encoded; ${accounts.map((account) => account.name).join(", ")} takes at most ${mebibytes(largest)}. Send a link to the file instead, or name another route.`,
  );
}
