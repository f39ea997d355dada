// Where the vault's keys come from: the environment, or a file beside the data that only its owner can read.
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyBytes, Vault, type VaultKey, vaultKey } from "./vault.ts";

const secretKeyVariable = "POSTRIDER_SECRET_KEY";
const secretKeyFile = "secret.key";

/** A key that is missing its form. The message names the place and the way out, and never shows the value. */
export class SecretKeyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SecretKeyError";
  }
}

/**
 * The vault with the keys of `POSTRIDER_SECRET_KEY`, or else of `secret.key` in `dir`, which is created with mode
 * 0600 when it is not there. Several keys are separated by commas or white space: the first seals, all open. Throws SecretKeyError.
 */
export function openVault(dir: string, env: Readonly<Record<string, string | undefined>>): Vault {
  const given = env[secretKeyVariable];
  if (given !== undefined && given.trim() !== "") {
    return new Vault(parseKeys(given, secretKeyVariable), secretKeyVariable);
  }
  const path = join(dir, secretKeyFile);
  const text = readIfThere(path) ?? createKeyFile(dir, path);
  return new Vault(parseKeys(text, path), path);
}

/** 32 bytes in hexadecimal or base64 (either alphabet, padded or not). */
function parseKeys(text: string, place: string): readonly VaultKey[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0) {
    throw new SecretKeyError(
      `${place} is empty. Put the key back, or delete the file: a new key is then made, and secrets sealed with the old one must be entered again.`,
    );
  }
  return words.map((word) => {
    const bytes = /^[0-9a-f]{64}$/i.test(word)
      ? Buffer.from(word, "hex")
      : /^[A-Za-z0-9+/_-]{43}=?$/.test(word)
        ? Buffer.from(word, "base64")
        : null;
    if (bytes === null || bytes.length !== keyBytes) {
      throw new SecretKeyError(
        `${place} must hold ${keyBytes} random bytes, in hexadecimal (64 characters) or base64 (44 characters); ` +
          `it holds a word of ${word.length} characters. \`openssl rand -base64 ${keyBytes}\` makes a good one.`,
      );
    }
    return vaultKey(bytes);
  });
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw new SecretKeyError(`${path} cannot be read: ${String(error)}`, { cause: error });
  }
}

/**
 * Written whole under another name and then linked, which fails when the file is there: nobody ever reads half a
 * key, and no second process replaces the first one's. Where links are not to be had, it is created exclusively.
 */
function createKeyFile(dir: string, path: string): string {
  const text = `${randomBytes(keyBytes).toString("base64")}\n`;
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: "wx", flush: true });
    try {
      linkSync(draft, path);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return readFileSync(path, "utf8");
      writeFileSync(path, text, { mode: 0o600, flag: "wx", flush: true });
    } finally {
      unlinkSync(draft);
    }
    syncDirectory(dir);
    return text;
  } catch (error) {
    throw new SecretKeyError(
      `The key for secrets could not be written to ${path}: ${String(error)}. Make the directory writable, or set ${secretKeyVariable}.`,
      { cause: error },
    );
  }
}

/** So that the name survives a power failure; Windows has no such thing for directories. */
function syncDirectory(dir: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(dir, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
