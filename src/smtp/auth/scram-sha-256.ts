// SCRAM-SHA-256 (RFC 5802, RFC 7677): proves the password without sending it, and checks that the server knows it.
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import type { Fault } from "../fault.ts";
import { astray, type Exchange, noMore, secretOf, type Turn } from "./exchange.ts";
import { saslName, saslPrep } from "./saslprep.ts";

/** RFC 7677 §4 asks for 4096 at least. Above the upper bound a hostile server could keep this machine busy. */
const iterations = { min: 4096, max: 600_000 };

export const scramSha256: Exchange = ({ credentials, nonce }) => {
  const clientFirst = `n=${saslName(credentials.username)},r=${nonce}`;
  return {
    say: `n,,${clientFirst}`,
    complete: false,
    next: (challenge) =>
      prove(saslPrep(secretOf(credentials)), nonce, clientFirst, challenge.toString("utf8")),
  };
};

function prove(password: string, nonce: string, clientFirst: string, serverFirst: string): Turn | Fault {
  const found = /^r=([\x21-\x2B\x2D-\x7E]+),s=([A-Za-z0-9+/=]+),i=([1-9]\d{0,8})(?:,|$)/.exec(serverFirst);
  if (found === null) return astray("the server's first SCRAM message is malformed");
  const [, combined = "", salt = "", count] = found;
  if (!combined.startsWith(nonce) || combined.length === nonce.length) {
    return notAuthentic("the server did not extend our SCRAM nonce");
  }
  const rounds = Number(count);
  if (rounds < iterations.min || rounds > iterations.max) {
    return astray(`a SCRAM iteration count of ${rounds} is out of bounds`);
  }
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), rounds, 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest();
  const withoutProof = `c=biws,r=${combined}`;
  const authMessage = `${clientFirst},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, authMessage);
  const proof = clientKey.map((byte, index) => byte ^ signature[index]!);
  const expected = hmac(hmac(salted, "Server Key"), authMessage);
  return {
    say: `${withoutProof},p=${Buffer.from(proof).toString("base64")}`,
    complete: false,
    next: (challenge) => verify(expected, challenge.toString("utf8")),
  };
}

/** The server's last word: its own proof `v=`, or `e=` with its reason for refusing. */
function verify(expected: Buffer, serverFinal: string): Turn | Fault {
  if (serverFinal.startsWith("e=")) {
    return { say: "", complete: false, challenge: serverFinal, next: noMore("SCRAM-SHA-256") };
  }
  const found = /^v=([A-Za-z0-9+/=]+)(?:,|$)/.exec(serverFinal);
  const shown = Buffer.from(found?.[1] ?? "", "base64");
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) {
    return notAuthentic("the server's SCRAM proof is wrong: it does not know the password");
  }
  return { say: "", complete: true, next: noMore("SCRAM-SHA-256") };
}

function notAuthentic(message: string): Fault {
  return { kind: "protocol", code: "SERVER_NOT_AUTHENTIC", message, reply: null };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
