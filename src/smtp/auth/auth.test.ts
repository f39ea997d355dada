import { describe, expect, test } from "vitest";
import { type Fault, isFault } from "../fault.ts";
import type { Credentials, Mechanism } from "../options.ts";
import { choose, exchanges } from "./choose.ts";
import type { Turn } from "./exchange.ts";
import { saslName, saslPrep } from "./saslprep.ts";

/** Plays the server's challenges; what we said in each turn, and how it ended. */
function play(mechanism: Mechanism, credentials: Credentials, challenges: readonly string[], nonce = "") {
  const said: (string | null)[] = [];
  let turn: Turn | Fault = exchanges[mechanism]({
    credentials,
    host: "server.example.com",
    port: 587,
    nonce,
  });
  for (const challenge of challenges) {
    if (isFault(turn)) break;
    said.push(turn.say);
    turn = turn.next(Buffer.from(challenge));
  }
  if (!isFault(turn)) said.push(turn.say);
  return { said, end: turn };
}

const password = (username: string, secret: string): Credentials => ({ username, password: secret });
const token = (username: string, accessToken: string): Credentials => ({ username, accessToken });

describe("SCRAM-SHA-256", () => {
  // RFC 7677 §3.
  const nonce = "rOprNGfwEbeRWgbNEkqO";
  const first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  const final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
  const user = password("user", "pencil");

  test("agrees with the RFC's example, and is over only when the server has proved itself", () => {
    const { said, end } = play("SCRAM-SHA-256", user, [first, final], nonce);
    expect(said).toEqual([
      "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
      "",
    ]);
    expect(end).toMatchObject({ complete: true });
    expect(play("SCRAM-SHA-256", user, [first], nonce).end).toMatchObject({ complete: false });
  });

  test.each([
    ["a proof that is wrong", [first, "v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="]],
    ["no proof at all", [first, "ok"]],
    ["a nonce that is not ours", [first.replace("rOprNG", "xxxxxx")]],
    ["our nonce alone", [`r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`]],
  ])("refuses a server with %s", (_name, challenges) => {
    expect(play("SCRAM-SHA-256", user, challenges, nonce).end).toMatchObject({
      code: "SERVER_NOT_AUTHENTIC",
    });
  });

  test.each([
    ["too few rounds", first.replace("4096", "1024")],
    ["so many rounds that they would hold us up", first.replace("4096", "99999999")],
    ["an extension that it demands", `m=x,${first}`],
    ["nonsense", "hello"],
  ])("does not go on with %s", (_name, challenge) => {
    expect(play("SCRAM-SHA-256", user, [challenge], nonce).end).toMatchObject({ kind: "protocol" });
  });

  test("hands on the server's reason for refusing", () => {
    const { end } = play("SCRAM-SHA-256", user, [first, "e=invalid-proof"], nonce);
    expect(end).toMatchObject({ challenge: "e=invalid-proof", complete: false });
  });
});

test("PLAIN says it all at once, and again to a server that overlooked it", () => {
  const { said, end } = play("PLAIN", password("tim", "tanstaaftanstaaf"), [""]);
  expect(said).toEqual(["\0tim\0tanstaaftanstaaf", "\0tim\0tanstaaftanstaaf"]);
  expect(end).toMatchObject({ complete: true });
});

test("LOGIN gives name, then password, whatever the prompts are", () => {
  for (const prompts of [
    ["Username:", "Password:"],
    ["username:", "password:"],
    ["", ""],
  ]) {
    expect(play("LOGIN", password("me", "secret"), prompts).said).toEqual([null, "me", "secret"]);
  }
  expect(play("LOGIN", password("me", "secret"), ["", "", ""]).end).toMatchObject({
    code: "UNEXPECTED_REPLY",
  });
});

test("CRAM-MD5 agrees with the example of RFC 2195", () => {
  const { said } = play("CRAM-MD5", password("tim", "tanstaaftanstaaf"), [
    "<1896.697170952@postoffice.reston.mci.net>",
  ]);
  expect(said).toEqual([null, "tim b913a602c7eda7a495b4e6e7334d3890"]);
});

test("XOAUTH2 agrees with Google's example, and takes the error before the refusal", () => {
  const { said, end } = play(
    "XOAUTH2",
    token("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"),
    ['{"status":"401","schemes":"bearer"}'],
  );
  expect(Buffer.from(said[0]!).toString("base64")).toBe(
    "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
  );
  expect(said[1]).toBe("");
  expect(end).toMatchObject({ challenge: '{"status":"401","schemes":"bearer"}', complete: false });
});

test("OAUTHBEARER agrees with the example of RFC 7628", () => {
  const { said, end } = play(
    "OAUTHBEARER",
    token("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="),
    ['{"status":"invalid_token"}'],
  );
  expect(said).toEqual([
    "n,a=user@example.com,\x01host=server.example.com\x01port=587\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01",
    "\x01",
  ]);
  expect(end).toMatchObject({ challenge: '{"status":"invalid_token"}' });
});

test("names and passwords are prepared as in RFC 4013", () => {
  expect(saslPrep("I\u00ADX")).toBe("IX");
  expect(saslPrep("\u00AA")).toBe("a");
  expect(saslPrep("\u2168")).toBe("IX");
  expect(saslPrep("a\u00A0b")).toBe("a b");
  expect(saslPrep("USER")).toBe("USER");
  expect(saslName("a=b,c")).toBe("a=3Db=2Cc");
});

describe("the choice", () => {
  test.each([
    [
      "the best that both have",
      password("u", "p"),
      ["LOGIN", "PLAIN", "SCRAM-SHA-256"],
      ["SCRAM-SHA-256", "PLAIN", "LOGIN"],
    ],
    ["CRAM-MD5 last", password("u", "p"), ["CRAM-MD5", "LOGIN"], ["LOGIN", "CRAM-MD5"]],
    ["a token never as a password", token("u", "t"), ["PLAIN", "XOAUTH2"], ["XOAUTH2"]],
    ["a password never as a token", password("u", "p"), ["XOAUTH2", "OAUTHBEARER"], []],
    ["nothing that is unknown", password("u", "p"), ["GSSAPI", "NTLM", "XYMCOOKIE"], []],
    [
      "the caller's own order",
      { ...password("u", "p"), mechanisms: ["LOGIN", "PLAIN"] } as Credentials,
      ["PLAIN", "LOGIN"],
      ["LOGIN", "PLAIN"],
    ],
  ])("%s", (_name, credentials, offered, chosen) => {
    expect(choose(credentials, offered)).toEqual(chosen);
  });
});
