// Waiting for what becomes of a message: a look after each event that is about it, and, where others send too, now and then.
import { isSettled } from "./messages/states.ts";
import type { StoredMessage } from "./queue/store.ts";

export interface WaitingOptions {
  readonly look: () => Promise<StoredMessage>;
  /** Calls with every event until the returned function is called. */
  readonly onEvent: (listener: (event: object) => void) => () => void;
  /** Milliseconds between looks while nothing happens here; null where nothing can happen elsewhere. */
  readonly lookEvery: number | null;
  /** When to wait no longer. */
  readonly end: AbortSignal;
}

/** The message once every recipient is settled, or as it is when the time is up. @throws what looking throws. */
export async function untilSettled(id: string, options: WaitingOptions): Promise<StoredMessage> {
  const { look, end } = options;
  for (;;) {
    // Listening before looking: what happens in between is not missed.
    const happened = nextEventOf(id, options);
    const message = await look().catch((error) => {
      happened.cancel();
      throw error;
    });
    if (message.recipients.every(({ state }) => isSettled(state)) || end.aborted) {
      happened.cancel();
      return message;
    }
    await happened.promise;
  }
}

function nextEventOf(
  id: string,
  { onEvent, lookEvery, end }: WaitingOptions,
): { readonly promise: Promise<void>; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopListening = onEvent((event) => {
    if ("id" in event && event.id === id) finish();
  });
  const timer = lookEvery === null ? undefined : setTimeout(() => finish(), lookEvery);
  const finish = () => {
    clearTimeout(timer);
    stopListening();
    end.removeEventListener("abort", finish);
    resolve();
  };
  end.addEventListener("abort", finish, { once: true });
  return { promise, cancel: finish };
}
