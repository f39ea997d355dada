import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { messageIdFor, tenRandomBytes, uuidV7 } from "./identity.ts";

test("an id is a UUID of version 7 with its time in front (RFC 9562, appendix A.6)", () => {
  const random = Buffer.from("0cc318c4dc0c0c07398f", "hex");
  expect(uuidV7(0x017f22e279b0, random)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
});

test("ids sort by time", () => {
  const ids = [1, 2, 255, 256, 65_536, 1_800_000_000_000].map((time) => uuidV7(time, randomBytes(10)));
  expect([...ids].sort()).toEqual(ids);
});

test("every bit of the ten random bytes is random", () => {
  const seen = { ones: 0n, zeros: 0n };
  for (let i = 0; i < 200; i += 1) {
    const bits = BigInt(`0x${Buffer.from(tenRandomBytes()).toString("hex")}`);
    seen.ones |= bits;
    seen.zeros |= ~bits & ((1n << 80n) - 1n);
  }
  expect([seen.ones, seen.zeros]).toEqual([(1n << 80n) - 1n, (1n << 80n) - 1n]);
});

test("a Message-ID is made of the id and the sender's domain", () => {
  expect(messageIdFor("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "example.com")).toBe(
    "<017f22e2-79b0-7cc3-98c4-dc0c0c07398f@example.com>",
  );
});
