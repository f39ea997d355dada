// API keys: shown once, kept as a hash.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Documents } from "../queue/store.ts";

/** `full`: everything; `sending`: hand over mail and look at it, nothing else. */
export type KeyPermission = "full" | "sending";

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly permission: KeyPermission;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

interface KeyDocument extends ApiKey {
  /** SHA-256 of the whole key, hex. Enough for 256 random bits; a slow hash is for what people choose. */
  readonly hash: string;
}

export class KeyError extends Error {
  readonly problem: "bad-name" | "name-taken" | "unknown";

  constructor(problem: KeyError["problem"], message: string) {
    super(message);
    this.name = "KeyError";
    this.problem = problem;
  }
}

const kind = "key";
/** How long a key is remembered, in milliseconds: what a revocation on another machine takes at most to be seen here. */
const rememberMs = 1000;
const shape = /^pr_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");

function publicPart({ hash: _hash, ...key }: KeyDocument): ApiKey {
  return key;
}

const nameTaken = (name: string) =>
  new KeyError("name-taken", `A key named "${name}" is in force. Revoke it first, or choose another name.`);

const noKey = (idOrName: string) =>
  new KeyError(
    "unknown",
    `No key in force has the id or name "${idOrName}". \`postrider key list\` shows them.`,
  );

export class KeyRing {
  readonly #documents: Documents;
  readonly #now: () => number;
  /** By id; only keys that exist come in, so it is no larger than the list of keys. */
  readonly #remembered = new Map<string, { readonly document: KeyDocument; readonly until: number }>();
  /** How often something was forgotten. */
  #forgotten = 0;

  constructor(documents: Documents, now: () => number = Date.now) {
    this.#documents = documents;
    this.#now = now;
  }

  /**
   * Makes a key and returns it for the only time.
   * @throws KeyError when the name is not 1 to 64 printable characters, or is taken by a key in force.
   */
  async create(name: string, permission: KeyPermission = "full"): Promise<{ key: string; entry: ApiKey }> {
    if (!/^[^\p{Cc}]{1,64}$/u.test(name) || name.trim() !== name)
      throw new KeyError(
        "bad-name",
        `A key's name is 1 to 64 printable characters; ${JSON.stringify(name)} is not.`,
      );
    if ((await this.#inForce(name)).length > 0) throw nameTaken(name);
    const id = randomBytes(6).toString("hex");
    const key = `pr_${id}_${randomBytes(32).toString("base64url")}`;
    const document: KeyDocument = {
      id,
      name,
      permission,
      createdAt: this.#now(),
      revokedAt: null,
      hash: hashOf(key),
    };
    await this.#documents.insert(kind, id, JSON.stringify(document));
    // Another process may have made one of that name in between; whoever looks last finds the other.
    if ((await this.#inForce(name)).some((other) => other.id !== id)) {
      await this.#documents.delete(kind, id);
      throw nameTaken(name);
    }
    return { key, entry: publicPart(document) };
  }

  async #inForce(name: string): Promise<readonly ApiKey[]> {
    return (await this.list()).filter((key) => key.name === name && key.revokedAt === null);
  }

  async list(): Promise<readonly ApiKey[]> {
    const documents = await this.#documents.list(kind);
    return documents
      .map(({ body }) => publicPart(JSON.parse(body) as KeyDocument))
      .sort((a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id));
  }

  /**
   * Ends a key, named by its id or its name, at once.
   * @throws KeyError when no key in force bears it.
   */
  async revoke(idOrName: string): Promise<ApiKey> {
    const found = (await this.list()).find(
      (key) => (key.id === idOrName || key.name === idOrName) && key.revokedAt === null,
    );
    if (found === undefined) throw noKey(idOrName);
    const seen = await this.#documents.get(kind, found.id);
    const document = seen === null ? null : (JSON.parse(seen) as KeyDocument);
    if (seen === null || document === null || document.revokedAt !== null) throw noKey(idOrName);
    const revoked = { ...document, revokedAt: this.#now() };
    const body = JSON.stringify(revoked);
    const replaced = await this.#documents.replace(kind, found.id, seen, body);
    // A key changes once in its life: what is another by now has been revoked by somebody else, or by us.
    if (!replaced && (await this.#documents.get(kind, found.id)) !== body) throw noKey(idOrName);
    this.forget([{ kind, name: found.id }]);
    return publicPart(revoked);
  }

  /** These documents have changed, or, for null, any may have. */
  forget(changed: readonly { readonly kind: string; readonly name: string }[] | null): void {
    this.#forgotten += 1;
    if (changed === null) this.#remembered.clear();
    for (const each of changed ?? []) if (each.kind === kind) this.#remembered.delete(each.name);
  }

  /** The entry a presented key belongs to; null when there is none in force. Compares in constant time. */
  async verify(presented: string): Promise<ApiKey | null> {
    const id = shape.exec(presented)?.[1];
    if (!id) return null;
    const document = await this.#read(id);
    if (!document) return null;
    const matches = timingSafeEqual(Buffer.from(document.hash, "hex"), Buffer.from(hashOf(presented), "hex"));
    return matches && document.revokedAt === null ? publicPart(document) : null;
  }

  async #read(id: string): Promise<KeyDocument | null> {
    const remembered = this.#remembered.get(id);
    if (remembered && remembered.until > this.#now()) return remembered.document;
    const forgotten = this.#forgotten;
    const body = await this.#documents.get(kind, id);
    if (!body) return null;
    const document = JSON.parse(body) as KeyDocument;
    // What was read while it changed may be what it was before.
    if (forgotten !== this.#forgotten) return document;
    this.#remembered.set(id, { document, until: this.#now() + rememberMs });
    return document;
  }
}
