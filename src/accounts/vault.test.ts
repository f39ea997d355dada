import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Secret } from "./account.ts";
import { type Binding, bindingBytes } from "./binding.ts";
import { Vault, VaultError, vaultKey } from "./vault.ts";

const secret: Secret = { kind: "password", password: "correct horse battery staple" };
const binding: Binding = {
  name: "main",
  endpoint: { host: "smtp.example.com", port: 465, security: "tls" },
  alternates: null,
  username: "ann@example.com",
};
const key = () => vaultKey(randomBytes(32));
const vault = new Vault([key()], "a test");

const endpoints = fc.record({
  host: fc.string({ maxLength: 8 }),
  port: fc.integer({ min: 1, max: 65535 }),
  security: fc.constantFrom("tls" as const, "starttls" as const, "none" as const),
});
const bindings: fc.Arbitrary<Binding> = fc.record({
  name: fc.string({ unit: "grapheme", maxLength: 8 }),
  endpoint: endpoints,
  alternates: fc.option(fc.array(endpoints, { minLength: 1, maxLength: 3 })),
  username: fc.option(fc.string({ maxLength: 8 })),
});

function problemOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof VaultError) return error.problem;
    throw error;
  }
  return "opened";
}

describe("the vault", () => {
  test("opens what it sealed, and never seals the same way twice", () => {
    const one = vault.seal(secret, binding);
    const two = vault.seal(secret, binding);
    expect(one).not.toBe(two);
    expect(vault.open(one, binding)).toEqual(secret);
    expect(vault.open(two, binding)).toEqual(secret);
    expect(one).not.toContain("staple");
  });

  test("opens for no other name, host, port, security, alternate or username", () => {
    fc.assert(
      fc.property(bindings, bindings, (entered, later) => {
        fc.pre(JSON.stringify(entered) !== JSON.stringify(later));
        expect(problemOf(() => vault.open(vault.seal(secret, entered), later))).toBe("bound-elsewhere");
      }),
    );
    const changes: readonly Binding[] = [
      { ...binding, name: "mains" },
      { ...binding, username: null },
      { ...binding, username: "eve@example.com" },
      { ...binding, endpoint: { ...binding.endpoint, host: "smtp.example.net" } },
      { ...binding, endpoint: { ...binding.endpoint, port: 587 } },
      { ...binding, endpoint: { ...binding.endpoint, security: "none" } },
      { ...binding, alternates: [{ ...binding.endpoint, port: 587, security: "starttls" }] },
    ];
    for (const change of changes) {
      expect(() => vault.open(vault.seal(secret, binding), change)).toThrow("must be entered again");
    }
  });

  test("no two bindings have the same encoding, however the fields are cut", () => {
    fc.assert(
      fc.property(bindings, bindings, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(Buffer.from(bindingBytes(one)).equals(bindingBytes(other))).toBe(same);
      }),
    );
    const cut = (host: string, name: string) =>
      bindingBytes({ ...binding, name, endpoint: { ...binding.endpoint, host } });
    expect(cut("bc", "a")).not.toEqual(cut("c", "ab"));
  });

  test("one changed bit anywhere in the nonce, the ciphertext or the tag is noticed", () => {
    const [version, id, nonce, body] = vault.seal(secret, binding).split(".") as [
      string,
      string,
      string,
      string,
    ];
    const bits = (text: string) => Buffer.from(text, "base64url").length * 8;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bits(nonce) + bits(body) - 1 }), (bit) => {
        const inNonce = bit < bits(nonce);
        const bytes = Buffer.from(inNonce ? nonce : body, "base64url");
        const at = inNonce ? bit : bit - bits(nonce);
        bytes[at >> 3]! ^= 1 << (at & 7);
        const changed = bytes.toString("base64url");
        const sealed = [version, id, inNonce ? changed : nonce, inNonce ? body : changed].join(".");
        expect(problemOf(() => vault.open(sealed, binding))).toBe("bound-elsewhere");
      }),
    );
  });

  test("one changed character anywhere is noticed, and so is a cut or a longer text", () => {
    const sealed = vault.seal(secret, binding);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(sealed[at] !== character);
        const changed = sealed.slice(0, at) + character + sealed.slice(at + 1);
        expect(problemOf(() => vault.open(changed, binding))).not.toBe("opened");
        expect(problemOf(() => vault.open(sealed.slice(0, at), binding))).not.toBe("opened");
      }),
    );
    expect(problemOf(() => vault.open(`${sealed}A`, binding))).not.toBe("opened");
    expect(problemOf(() => vault.open("", binding))).toBe("malformed");
  });

  test("a secret sealed by a key that is gone names that key and where keys are looked for", () => {
    const former = key();
    const today = key();
    const sealed = new Vault([former], "before").seal(secret, binding);
    const open = () => new Vault([today], "/data/secret.key").open(sealed, binding);
    expect(problemOf(open)).toBe("other-key");
    expect(open).toThrow(former.id);
    expect(open).toThrow("/data/secret.key");
    expect(open).toThrow(today.id);
  });

  test("a former key still opens, and only the first one seals", () => {
    const former = key();
    const today = key();
    const sealed = new Vault([former], "before").seal(secret, binding);
    const both = new Vault([today, former], "now");
    expect(both.open(sealed, binding)).toEqual(secret);
    expect(both.isCurrent(sealed)).toBe(false);
    const again = both.seal(secret, binding);
    expect(both.isCurrent(again)).toBe(true);
    expect(new Vault([today], "later").open(again, binding)).toEqual(secret);
  });

  test("no error shows the secret or the key", () => {
    const held = key();
    const own = new Vault([held], "here");
    const sealed = own.seal(secret, binding);
    for (const attempt of [
      () => own.open(sealed, { ...binding, name: "other" }),
      () => vault.open(sealed, binding),
      () => own.open("v1.nonsense", binding),
    ]) {
      try {
        attempt();
        expect.unreachable();
      } catch (error) {
        const shown = `${String(error)} ${(error as Error).stack} ${JSON.stringify(error)}`;
        expect(shown).not.toContain("staple");
        expect(shown).not.toContain(Buffer.from(held.key).toString("hex"));
        expect(shown).not.toContain(Buffer.from(held.key).toString("base64"));
      }
    }
  });
});
