import { describe, expect, test } from "vitest";
import { exchanges } from "./auth/choose.ts";
import { noCapabilities } from "./capabilities.ts";
import { ahead, enter, onReply, type State, states } from "./machine.ts";
import type { TransactionPlan } from "./phases/mail.ts";
import type { OpeningPlan } from "./phases/move.ts";
import type { Reply } from "./reply.ts";
import { stages } from "./stage.ts";

const credentials = { username: "me", password: "secret" };
const opening = (
  more: Partial<OpeningPlan> & { readonly security?: "tls" | "starttls" | "none" } = {},
): OpeningPlan => ({
  endpoint: { host: "mail.example.com", port: 587, security: more.security ?? "none" },
  clientName: "client.example",
  credentials: null,
  nonce: "n",
  loopback: false,
  ...more,
});
const transaction = (more: Partial<TransactionPlan> = {}): TransactionPlan => ({
  mail: "MAIL FROM:<a@example.com>",
  recipients: ["RCPT TO:<b@example.com>", "RCPT TO:<c@example.com>"],
  by: "data",
  chunks: 0,
  grouped: false,
  eager: false,
  ...more,
});
const reply = (code: number, ...lines: readonly string[]): Reply => ({
  code,
  enhanced: null,
  lines: lines.length > 0 ? lines : ["text"],
});

const greeting: State = { at: "greeting", plan: opening(), secured: false };
const ehlo = (plan: OpeningPlan, secured = false): State => ({ at: "ehlo", plan, secured, verb: "EHLO" });
const withPassword = opening({ credentials });
const signIn = (mechanism: "PLAIN" | "LOGIN" | "SCRAM-SHA-256", others: readonly "LOGIN"[] = []): State => ({
  at: "auth",
  plan: withPassword,
  credentials,
  capabilities: noCapabilities,
  mechanism,
  others,
  begun: false,
  turn: exchanges[mechanism]({ credentials, host: "mail.example.com", port: 587, nonce: "n" }),
});
const plan = transaction();
const grouped = transaction({ grouped: true });
const bdat = transaction({ by: "bdat", chunks: 2 });

/** What leads where: the state, the reply, and what the next state, or the fault, looks like. */
const moves: readonly (readonly [string, State, Reply, object])[] = [
  ["a greeting", greeting, reply(220), { to: { at: "ehlo", verb: "EHLO" } }],
  ["a greeting that turns us away", greeting, reply(554), { kind: "reply", code: null }],
  ["a greeting with another code", greeting, reply(250), { code: "UNEXPECTED_REPLY" }],
  ["421 anywhere", ehlo(opening()), reply(421), { kind: "reply" }],
  [
    "EHLO taken",
    ehlo(opening()),
    reply(250, "x", "DSN"),
    { to: { at: "ready", capabilities: { dsn: true } } },
  ],
  ["EHLO unknown: HELO", ehlo(opening()), reply(502), { to: { at: "ehlo", verb: "HELO" } }],
  ["EHLO refused", ehlo(opening()), reply(550), { kind: "reply" }],
  ["EHLO refused for now", ehlo(opening()), reply(451), { kind: "reply" }],
  [
    "HELO refused as well",
    { at: "ehlo", plan: opening(), secured: false, verb: "HELO" },
    reply(502),
    { kind: "reply" },
  ],
  [
    "HELO has no capabilities",
    { at: "ehlo", plan: opening(), secured: false, verb: "HELO" },
    reply(250, "x", "DSN"),
    { to: { at: "ready", capabilities: { dsn: false } } },
  ],
  [
    "STARTTLS wanted and offered",
    ehlo(opening({ security: "starttls" })),
    reply(250, "x", "STARTTLS"),
    { to: { at: "starttls" } },
  ],
  [
    "STARTTLS wanted and not offered",
    ehlo(opening({ security: "starttls" })),
    reply(250, "x"),
    { code: "STARTTLS_NOT_OFFERED" },
  ],
  [
    "STARTTLS wanted and masked",
    ehlo(opening({ security: "starttls" })),
    reply(250, "x", "XXXXXXXA"),
    { code: "STARTTLS_NOT_OFFERED" },
  ],
  [
    "STARTTLS wanted, HELO alone known",
    { at: "ehlo", plan: opening({ security: "starttls" }), secured: false, verb: "HELO" },
    reply(250),
    { code: "STARTTLS_NOT_OFFERED" },
  ],
  [
    "EHLO after TLS goes on",
    ehlo(opening({ security: "starttls" }), true),
    reply(250, "x", "STARTTLS"),
    { to: { at: "ready" } },
  ],
  ["STARTTLS taken", { at: "starttls", plan: opening() }, reply(220), { to: { at: "handshake" } }],
  ["STARTTLS refused", { at: "starttls", plan: opening() }, reply(454), { kind: "reply" }],
  [
    "a secret stays out of the clear",
    ehlo(withPassword),
    reply(250, "x", "AUTH PLAIN"),
    { code: "SECRET_IN_CLEAR" },
  ],
  [
    "but may go to this machine",
    ehlo(opening({ credentials, loopback: true })),
    reply(250, "x", "AUTH PLAIN"),
    { to: { at: "auth", mechanism: "PLAIN" } },
  ],
  [
    "and inside TLS",
    ehlo(withPassword, true),
    reply(250, "x", "AUTH PLAIN"),
    { to: { at: "auth", mechanism: "PLAIN" } },
  ],
  ["no AUTH", ehlo(withPassword, true), reply(250, "x"), { code: "AUTH_NOT_OFFERED" }],
  [
    "no AUTH that we know",
    ehlo(withPassword, true),
    reply(250, "x", "AUTH GSSAPI"),
    { code: "NO_COMMON_MECHANISM" },
  ],
  ["signed in", signIn("PLAIN"), reply(235), { to: { at: "ready", mechanism: "PLAIN" } }],
  ["a wrong password", signIn("PLAIN", ["LOGIN"]), reply(535), { kind: "reply", mechanism: "PLAIN" }],
  [
    "a mechanism listed and unknown",
    signIn("PLAIN", ["LOGIN"]),
    reply(504),
    { to: { at: "auth", mechanism: "LOGIN", begun: false } },
  ],
  ["signed in too early", signIn("SCRAM-SHA-256"), reply(235), { code: "SERVER_NOT_AUTHENTIC" }],
  ["a challenge", signIn("LOGIN"), reply(334, "VXNlcm5hbWU6"), { to: { at: "auth", begun: true } }],
  ["a challenge that is not base64", signIn("LOGIN"), reply(334, "Username:"), { code: "UNEXPECTED_REPLY" }],
  ["a reply that does not fit AUTH", signIn("PLAIN"), reply(250), { code: "UNEXPECTED_REPLY" }],
  ["MAIL taken", { at: "mail", plan }, reply(250), { to: { at: "rcpt", index: 0, open: true } }],
  ["MAIL refused ends it", { at: "mail", plan }, reply(550), { to: { at: "done", reset: false } }],
  [
    "MAIL refused in a group: the rest is read",
    { at: "mail", plan: grouped },
    reply(550),
    { to: { at: "rcpt", open: false } },
  ],
  ["MAIL with a go-ahead", { at: "mail", plan }, reply(354), { code: "UNEXPECTED_REPLY" }],
  [
    "RCPT taken",
    { at: "rcpt", plan, index: 0, accepted: 0, open: true },
    reply(250),
    { to: { at: "rcpt", index: 1, accepted: 1 } },
  ],
  [
    "RCPT refused",
    { at: "rcpt", plan, index: 0, accepted: 0, open: true },
    reply(550),
    { to: { at: "rcpt", index: 1, accepted: 0 } },
  ],
  [
    "the last RCPT",
    { at: "rcpt", plan, index: 1, accepted: 1, open: true },
    reply(550),
    { to: { at: "data", accepted: 1 } },
  ],
  [
    "nobody left",
    { at: "rcpt", plan, index: 1, accepted: 0, open: true },
    reply(550),
    { to: { at: "done", reset: true } },
  ],
  [
    "nobody left, DATA written",
    { at: "rcpt", plan: grouped, index: 1, accepted: 0, open: true },
    reply(550),
    { to: { at: "data", accepted: 0 } },
  ],
  [
    "RCPT behind a refused MAIL counts for nothing",
    { at: "rcpt", plan: grouped, index: 1, accepted: 0, open: false },
    reply(250),
    { to: { at: "data", accepted: 0, open: false } },
  ],
  [
    "an envelope that is only tried",
    { at: "rcpt", plan: transaction({ by: "nothing" }), index: 1, accepted: 1, open: true },
    reply(250),
    { to: { at: "done", reset: true } },
  ],
  [
    "the last RCPT before BDAT",
    { at: "rcpt", plan: bdat, index: 1, accepted: 1, open: true },
    reply(250),
    { to: { at: "chunk", index: 0 } },
  ],
  [
    "a go-ahead",
    { at: "data", plan, accepted: 1, open: true },
    reply(354),
    { to: { at: "content", accepted: 1 } },
  ],
  [
    "DATA refused",
    { at: "data", plan, accepted: 1, open: true },
    reply(451),
    { to: { at: "done", reset: true } },
  ],
  [
    "DATA taken without a go-ahead",
    { at: "data", plan, accepted: 1, open: true },
    reply(250),
    { code: "UNEXPECTED_REPLY" },
  ],
  [
    "the message taken",
    { at: "content", plan, accepted: 1 },
    reply(250),
    { to: { at: "done", reset: false } },
  ],
  [
    "the message refused",
    { at: "content", plan, accepted: 1 },
    reply(554),
    { to: { at: "done", reset: false } },
  ],
  ["a second go-ahead", { at: "content", plan, accepted: 1 }, reply(354), { code: "UNEXPECTED_REPLY" }],
  [
    "a chunk taken",
    { at: "chunk", plan: bdat, accepted: 1, open: true, index: 0 },
    reply(250),
    { to: { at: "chunk", index: 1 } },
  ],
  [
    "the last chunk taken",
    { at: "chunk", plan: bdat, accepted: 1, open: true, index: 1 },
    reply(250),
    { to: { at: "done", reset: false } },
  ],
  [
    "a chunk refused",
    { at: "chunk", plan: bdat, accepted: 1, open: true, index: 0 },
    reply(552),
    { to: { at: "done", reset: true } },
  ],
  ["NOOP", { at: "noop" }, reply(250), { to: { at: "done" } }],
  ["RSET refused: the connection is of no more use", { at: "reset" }, reply(500), { kind: "reply" }],
  ["QUIT, whatever comes", { at: "quit" }, reply(421), { to: { at: "done" } }],
  ["a reply where none is awaited", { at: "done", reset: false }, reply(250), { code: "UNEXPECTED_REPLY" }],
];

describe("a reply leads from state to state", () => {
  test.each(moves)("%s", (_name, state, answer, expected) => {
    expect(onReply(state, answer)).toMatchObject(expected);
  });

  test("and nowhere by 421, but for QUIT", () => {
    for (const [, state] of moves) {
      if (state.at !== "quit")
        expect(onReply(state, reply(421))).toMatchObject({ kind: "reply", reply: { code: 421 } });
    }
  });

  test("purely: the same again is the same again, and the state is left as it was", () => {
    for (const [, state, answer] of moves) {
      const frozen = Object.freeze({ ...state });
      expect(JSON.stringify(onReply(frozen, answer))).toBe(JSON.stringify(onReply(frozen, answer)));
    }
  });
});

describe("entering a state", () => {
  test.each([
    [ehlo(opening()), { send: "line", text: "EHLO client.example" }],
    [
      { at: "starttls", plan: opening() },
      { send: "line", text: "STARTTLS" },
    ],
    [{ at: "handshake", plan: opening() }, { send: "handshake" }],
    [signIn("PLAIN"), { send: "line", text: "AUTH PLAIN AG1lAHNlY3JldA==", shown: "AUTH PLAIN ***" }],
    [signIn("LOGIN"), { send: "line", text: "AUTH LOGIN" }],
    [
      { at: "mail", plan },
      { send: "line", text: "MAIL FROM:<a@example.com>" },
    ],
    [
      { at: "rcpt", plan, index: 1, accepted: 0, open: true },
      { send: "line", text: "RCPT TO:<c@example.com>" },
    ],
    [
      { at: "data", plan, accepted: 1, open: true },
      { send: "line", text: "DATA" },
    ],
    [{ at: "content", plan, accepted: 1 }, { send: "content" }],
    [
      { at: "content", plan, accepted: 0 },
      { send: "line", text: "." },
    ],
    [{ at: "chunk", plan: bdat, accepted: 1, open: true, index: 0 }, { send: "chunk" }],
    [{ at: "quit" }, { send: "line", text: "QUIT" }],
    [greeting, { send: "nothing" }],
    [{ at: "done", reset: true }, { send: "nothing" }],
  ] as const satisfies readonly (readonly [State, object])[])("%o", (state, expected) => {
    expect(enter(state)).toEqual(expected);
  });

  test("the later turns of a sign-in are masked whole", () => {
    const move = onReply(signIn("LOGIN"), reply(334, ""));
    if (!("to" in move)) throw new Error("expected a move");
    expect(enter(move.to)).toEqual({ send: "line", text: "bWU=", shown: "***" });
  });
});

describe("going ahead", () => {
  const path = (start: State) => {
    const found: string[] = [];
    for (let state: State | null = start; state !== null; state = ahead(state)) found.push(state.at);
    return found;
  };

  test.each([
    ["no pipelining: one at a time", plan, ["mail"]],
    ["the envelope up to DATA", grouped, ["mail", "rcpt", "rcpt", "data"]],
    [
      "a trial stops at the recipients",
      transaction({ grouped: true, by: "nothing" }),
      ["mail", "rcpt", "rcpt"],
    ],
    [
      "a large content waits for the recipients",
      transaction({ grouped: true, by: "bdat", chunks: 3 }),
      ["mail", "rcpt", "rcpt"],
    ],
    [
      "a small one does not",
      transaction({ grouped: true, by: "bdat", chunks: 1, eager: true }),
      ["mail", "rcpt", "rcpt", "chunk"],
    ],
  ] as const)("%s", (_name, layout, expected) => {
    expect(path({ at: "mail", plan: layout })).toEqual(expected);
  });
});

test("every state is listed with a stage that exists", () => {
  for (const { stage } of Object.values(states)) expect(stages).toContain(stage);
});
