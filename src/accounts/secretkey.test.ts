import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Binding } from "./binding.ts";
import { openVault, SecretKeyError } from "./secretkey.ts";

const binding: Binding = {
  name: "a",
  endpoint: { host: "h", port: 25, security: "none" },
  alternates: null,
  username: null,
};
const secret = { kind: "password", password: "p" } as const;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "postrider-key-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("the key file", () => {
  test("is made once, readable by its owner alone, and nothing else is left beside it", () => {
    const sealed = openVault(dir, {}).seal(secret, binding);
    expect(statSync(join(dir, "secret.key")).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["secret.key"]);
    expect(openVault(dir, {}).open(sealed, binding)).toEqual(secret);
  });

  test("is never overwritten", () => {
    const key = randomBytes(32).toString("base64");
    writeFileSync(join(dir, "secret.key"), key);
    openVault(dir, {});
    expect(readFileSync(join(dir, "secret.key"), "utf8")).toBe(key);
  });

  test("may hold several keys, one a line: the first seals, all open", () => {
    const [former, today] = [randomBytes(32).toString("hex"), randomBytes(32).toString("base64url")];
    const sealed = openVault(dir, { POSTRIDER_SECRET_KEY: former }).seal(secret, binding);
    writeFileSync(join(dir, "secret.key"), `${today}\n${former}\n`);
    const both = openVault(dir, {});
    expect(both.open(sealed, binding)).toEqual(secret);
    expect(both.isCurrent(sealed)).toBe(false);
  });

  test.each([
    ["empty", "", "is empty"],
    ["cut short", randomBytes(20).toString("base64"), "must hold 32 random bytes"],
    ["a passphrase", "open sesame please now", "must hold 32 random bytes"],
  ])("%s is refused by name, and left as it is", (_, text, message) => {
    writeFileSync(join(dir, "secret.key"), text);
    expect(() => openVault(dir, {})).toThrow(message);
    expect(() => openVault(dir, {})).toThrow(join(dir, "secret.key"));
    expect(readFileSync(join(dir, "secret.key"), "utf8")).toBe(text);
  });

  test("in a directory that is not there is a clear error", () => {
    expect(() => openVault(join(dir, "nowhere"), {})).toThrow(SecretKeyError);
    expect(() => openVault(join(dir, "nowhere"), {})).toThrow("POSTRIDER_SECRET_KEY");
  });

  test("that cannot be read is a clear error, and is not replaced", () => {
    mkdirSync(join(dir, "secret.key"));
    expect(() => openVault(dir, {})).toThrow("cannot be read");
  });
});

describe("POSTRIDER_SECRET_KEY", () => {
  test.each(["hex", "base64", "base64url"] as const)("is taken in %s, and no file is made", (encoding) => {
    const bytes = randomBytes(32);
    const sealed = openVault(dir, { POSTRIDER_SECRET_KEY: bytes.toString("hex") }).seal(secret, binding);
    const vault = openVault(dir, { POSTRIDER_SECRET_KEY: ` ${bytes.toString(encoding)} ` });
    expect(vault.open(sealed, binding)).toEqual(secret);
    expect(existsSync(join(dir, "secret.key"))).toBe(false);
  });

  test("a value of another form is refused without being shown", () => {
    const value = "MySecretPassphrase";
    const attempt = () => openVault(dir, { POSTRIDER_SECRET_KEY: value });
    expect(attempt).toThrow("POSTRIDER_SECRET_KEY must hold 32 random bytes");
    expect(attempt).not.toThrow(value);
  });
});
