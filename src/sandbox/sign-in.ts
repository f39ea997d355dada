// The server's side of each sign-in mechanism (RFC 4954): a dialogue that ends in one attempt, or in a complaint.
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import type { Rules, SignInAttempt } from "./rules.ts";

export type Turn =
  /** Send this, base64-encoded, and wait for the client. */
  | { readonly kind: "challenge"; readonly text: string }
  | { readonly kind: "attempt"; readonly attempt: SignInAttempt }
  | { readonly kind: "malformed"; readonly why: string };

/** Called with each decoded response of the client; null at the start when it sent no initial response. */
export type Exchange = (response: Buffer | null) => Turn;

/** Null for a mechanism that we do not speak. */
export function beginExchange(mechanism: string, rules: Rules): Exchange | null {
  switch (mechanism) {
    case "PLAIN":
      return plain();
    case "LOGIN":
      return login(rules.loginPrompts ?? ["Username:", "Password:"]);
    case "CRAM-MD5":
      return cramMd5(rules);
    case "SCRAM-SHA-256":
      return scram(rules);
    case "XOAUTH2":
      return bearer("XOAUTH2");
    case "OAUTHBEARER":
      return bearer("OAUTHBEARER");
    default:
      return null;
  }
}

/** Strict base64; null when it is none. */
export function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Buffer.from(text, "base64");
}

const malformed = (why: string): Turn => ({ kind: "malformed", why });
const challenge = (text: string): Turn => ({ kind: "challenge", text });
const password = (mechanism: string, username: string, secret: string): Turn => ({
  kind: "attempt",
  attempt: { mechanism, username, proof: { kind: "password", password: secret } },
});
const compared = (mechanism: string, username: string, correct: boolean): Turn => ({
  kind: "attempt",
  attempt: { mechanism, username, proof: { kind: "compared", correct } },
});

/** RFC 4616. */
function plain(): Exchange {
  return (response) => {
    if (response === null) return challenge("");
    const parts = response.toString("utf8").split("\0");
    const [, username, secret] = parts;
    if (parts.length !== 3 || !username || secret === undefined) return malformed("PLAIN needs two NUL");
    return password("PLAIN", username, secret);
  };
}

function login(prompts: readonly [string, string]): Exchange {
  let username: string | null = null;
  return (response) => {
    if (response === null) return challenge(prompts[0]);
    if (username === null) {
      username = response.toString("utf8");
      return challenge(prompts[1]);
    }
    return password("LOGIN", username, response.toString("utf8"));
  };
}

/** RFC 2195. */
function cramMd5(rules: Rules): Exchange {
  const nonce = `<${randomBytes(12).toString("hex")}@sandbox>`;
  let asked = false;
  return (response) => {
    if (!asked) {
      asked = true;
      return response === null ? challenge(nonce) : malformed("CRAM-MD5 takes no initial response");
    }
    const text = response?.toString("utf8") ?? "";
    const space = text.lastIndexOf(" ");
    if (space < 1) return malformed("CRAM-MD5 needs a name and a digest");
    const username = text.slice(0, space);
    const secret = rules.secretOf(username);
    if (secret === "any") return compared("CRAM-MD5", username, true);
    const expected = createHmac("md5", secret ?? randomBytes(16))
      .update(nonce)
      .digest("hex");
    return compared("CRAM-MD5", username, same(expected, text.slice(space + 1)));
  };
}

/** RFC 5802 and RFC 7677, without channel binding. */
function scram(rules: Rules): Exchange {
  const iterations = 4096;
  let first: { readonly bare: string; readonly username: string; readonly gs2: string } | null = null;
  let serverFirst = "";
  let nonce = "";
  let proven = false;
  const salt = randomBytes(16);
  return (response) => {
    if (response === null) return challenge("");
    if (proven) return compared("SCRAM-SHA-256", first?.username ?? "", true);
    const text = response.toString("utf8");
    if (first === null) {
      const match = /^([ny],(?:a=[^,]*)?,)(n=([^,]+),r=([^,]+))(?:,.*)?$/.exec(text);
      if (!match) return malformed("no SCRAM client-first-message");
      const [, gs2 = "", bare = "", name = "", clientNonce = ""] = match;
      first = { bare: text.slice(gs2.length) || bare, username: plainName(name), gs2 };
      nonce = clientNonce + randomBytes(18).toString("base64url");
      serverFirst = `r=${nonce},s=${salt.toString("base64")},i=${iterations}`;
      return challenge(serverFirst);
    }
    const proofAt = text.lastIndexOf(",p=");
    const fields = new Map(text.split(",").map((part) => [part.slice(0, 1), part.slice(2)] as const));
    const binding = Buffer.from(first.gs2, "utf8").toString("base64");
    if (proofAt === -1 || fields.get("r") !== nonce || fields.get("c") !== binding) {
      return malformed("no SCRAM client-final-message for this exchange");
    }
    const secret = rules.secretOf(first.username);
    const known = secret !== null && secret !== "any";
    const salted = pbkdf2Sync(known ? secret : randomBytes(16), salt, iterations, 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const storedKey = createHash("sha256").update(clientKey).digest();
    const authMessage = `${first.bare},${serverFirst},${text.slice(0, proofAt)}`;
    const expected = xor(clientKey, hmac(storedKey, authMessage)).toString("base64");
    if (!same(expected, text.slice(proofAt + 3))) return compared("SCRAM-SHA-256", first.username, false);
    proven = true;
    return challenge(`v=${hmac(hmac(salted, "Server Key"), authMessage).toString("base64")}`);
  };
}

/** XOAUTH2 as Google and Microsoft document it; OAUTHBEARER by RFC 7628. */
function bearer(mechanism: "XOAUTH2" | "OAUTHBEARER"): Exchange {
  return (response) => {
    if (response === null) return challenge("");
    const fields = response.toString("utf8").split("\x01");
    const token = fields.find((field) => /^auth=bearer /i.test(field))?.slice("auth=bearer ".length);
    const user =
      mechanism === "XOAUTH2"
        ? fields[0]?.match(/^user=(.*)$/)?.[1]
        : fields[0]?.match(/^[ny],a=([^,]*),$/)?.[1];
    if (!token || !user) return malformed(`no ${mechanism} response`);
    const username = mechanism === "OAUTHBEARER" ? plainName(user) : user;
    return { kind: "attempt", attempt: { mechanism, username, proof: { kind: "token", token } } };
  };
}

/** RFC 5801 §4: comma and equals sign in names. */
function plainName(name: string): string {
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

function same(left: string, right: string): boolean {
  const one = Buffer.from(left);
  const other = Buffer.from(right);
  return one.length === other.length && timingSafeEqual(one, other);
}
