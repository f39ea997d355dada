// Seals the secrets of accounts with AES-256-GCM, each bound to the account and server it was entered for.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Secret } from "./account.ts";
import { type Binding, bindingBytes, fieldBytes } from "./binding.ts";

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** A key and the public name that sealed secrets remember it by. */
export interface VaultKey {
  readonly id: string;
  readonly key: Uint8Array;
}

export type VaultProblem =
  /** Sealed by a key that this vault does not have. */
  | "other-key"
  /** The account's name, host, port, security, alternates or username are no longer that of the sealing, or the bytes are damaged. */
  | "bound-elsewhere"
  /** Not a sealed secret. */
  | "malformed";

/** A sealed secret that cannot be opened. The message says why and what to do, and holds nothing secret. */
export class VaultError extends Error {
  readonly problem: VaultProblem;

  constructor(problem: VaultProblem, message: string) {
    super(message);
    this.name = "VaultError";
    this.problem = problem;
  }
}

/** Names a key by a hash of it: the id can be shown, and reveals nothing of 256 random bits. */
export function vaultKey(key: Uint8Array): VaultKey {
  if (key.length !== keyBytes) throw new RangeError(`a vault key has ${keyBytes} bytes, not ${key.length}`);
  const hash = createHash("sha256").update("postrider key id\0").update(key).digest("hex");
  return { id: hash.slice(0, 12), key };
}

export class Vault {
  readonly #keys: ReadonlyMap<string, VaultKey>;
  readonly #sealing: VaultKey;
  readonly #lookedIn: string;

  /** The first key seals; every key opens. `lookedIn` says, for errors, where the keys were found. */
  constructor(keys: readonly VaultKey[], lookedIn: string) {
    const [first] = keys;
    if (first === undefined) throw new RangeError("a vault needs at least one key");
    this.#sealing = first;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#lookedIn = lookedIn;
  }

  /** `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two in base64url. */
  seal(secret: Secret, binding: Binding): string {
    return this.#seal(JSON.stringify(secret), bindingBytes(binding));
  }

  /** Throws VaultError when the key is another, the binding has changed, or the text is damaged. */
  open(sealed: string, binding: Binding): Secret {
    const parts = parseSealed(sealed);
    if (parts === null)
      throw new VaultError(
        "malformed",
        `The stored secret of account "${binding.name}" is damaged. The secret must be entered again.`,
      );
    const key = this.#keys.get(parts.keyId);
    if (key === undefined) {
      throw new VaultError(
        "other-key",
        `The secret of account "${binding.name}" was sealed with key ${parts.keyId}, and ${this.holds}. ` +
          "Put the former key back there (several may stand side by side), or enter the secret again.",
      );
    }
    const text = opened(key, parts, bindingBytes(binding));
    if (text === null) {
      throw new VaultError(
        "bound-elsewhere",
        `The secret of account "${binding.name}" was sealed for another host, port, security, alternate or username ` +
          "than the account has now, or its stored form was changed. The secret must be entered again.",
      );
    }
    return JSON.parse(text) as Secret;
  }

  /** Seals what is no account's secret; it opens only where the same is said of it. */
  sealText(text: string, about: readonly string[]): string {
    return this.#seal(text, fieldBytes(["postrider text v1", ...about]));
  }

  /** Null when it was sealed by a key that is not here, or about something else, or is damaged. */
  openText(sealed: string, about: readonly string[]): string | null {
    const parts = parseSealed(sealed);
    const key = parts === null ? undefined : this.#keys.get(parts.keyId);
    if (parts === null || key === undefined) return null;
    return opened(key, parts, fieldBytes(["postrider text v1", ...about]));
  }

  /** For errors: where the keys were found, and their public names. */
  get holds(): string {
    return `${this.#lookedIn} holds ${[...this.#keys.keys()].join(", ")}`;
  }

  #seal(text: string, about: Uint8Array): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#sealing.key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(about);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.#sealing.id}.${nonce.toString("base64url")}.${sealed.toString("base64url")}`;
  }

  /** Whether the key that seals today sealed this. */
  isCurrent(sealed: string): boolean {
    return sealed.split(".", 2)[1] === this.#sealing.id;
  }
}

interface Sealed {
  readonly keyId: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Null when it is damaged, or was sealed about something else. */
function opened({ key }: VaultKey, { nonce, ciphertext, tag }: Sealed, about: Uint8Array): string | null {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(about);
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}

/** Null for what is no sealed text. */
function parseSealed(sealed: string): Sealed | null {
  const match = /^v1\.([0-9a-f]{12})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/.exec(sealed);
  const body = Buffer.from(match?.[3] ?? "", "base64url");
  // Base64url that decodes to the same bytes in two ways is refused, so that no character can be changed unnoticed.
  if (match === null || body.length < tagBytes || body.toString("base64url") !== match[3]) return null;
  return {
    keyId: match[1]!,
    nonce: Buffer.from(match[2]!, "base64url"),
    ciphertext: body.subarray(0, -tagBytes),
    tag: body.subarray(-tagBytes),
  };
}
