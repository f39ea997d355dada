// What is known beside the failure itself: the account it happened to. Never its secret.
import type { Provider, SecretKind } from "../providers/provider.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";

export interface JudgeContext {
  /** Null for a server the catalogue does not know. */
  readonly provider: Provider | null;
  readonly endpoint?: Endpoint;
  /** The name the certificate must bear, when it is not `endpoint.host`. */
  readonly serverName?: string;
  readonly username?: string;
  readonly secretKind?: SecretKind;
  /** The secret's shape. `matchesPattern` is true where the provider's pattern is not known. */
  readonly secretShape?: { readonly matchesPattern: boolean; readonly hasSpaces: boolean };
  /** The address in MAIL FROM. */
  readonly sender?: string;
  /** The account's own From address, which mail leaves under when a message names none. */
  readonly from?: string;
  /** The dialogue so far; some devices on the way betray themselves only in what came earlier. */
  readonly transcript?: readonly TranscriptLine[];
}

/** Whether the sender is the account's own address, so that a fault of it is the account's and not one message's. */
export function isOwnSender({ sender, username, from }: JudgeContext): boolean {
  if (sender === undefined) return true;
  return [username, from].some((own) => own?.toLowerCase() === sender.toLowerCase());
}
