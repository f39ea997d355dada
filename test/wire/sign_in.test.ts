// Signing in over a real connection, and that no secret shows in anything we keep, in whatever encoding it was
// sent, not even when the server repeats it.
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { connect } from "../../src/smtp/client.ts";
import { SmtpFailure } from "../../src/smtp/failure.ts";
import type { ConnectOptions, Credentials, Mechanism } from "../../src/smtp/options.ts";
import type { Step } from "../../src/smtp/steps.ts";
import type { TranscriptLine } from "../../src/smtp/transcript.ts";
import { type Peer, serve, settings } from "./server.ts";

const secret = "correct horse battery staple";
const password: Credentials = { username: "me@wire.test", password: secret };
const token: Credentials = { username: "me@wire.test", accessToken: secret };
const base64 = (text: string) => Buffer.from(text).toString("base64");
const plainText = (text: string) => Buffer.from(text, "base64").toString("utf8");

/** Takes the client through one mechanism and gives every line that held something of it. */
type Accept = (peer: Peer) => Promise<string[]>;

async function ask(peer: Peer, ...prompts: readonly string[]): Promise<string[]> {
  const said: string[] = [];
  for (const prompt of prompts) {
    peer.say(`334 ${base64(prompt)}\r\n`);
    said.push(await peer.line());
  }
  return said;
}

const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** The server's half of SCRAM, with the salt and the rounds it keeps for the user. */
async function scram(peer: Peer): Promise<string[]> {
  const first = (await peer.line()).split(" ")[2]!;
  const bare = plainText(first).slice("n,,".length);
  const salted = pbkdf2Sync(secret, "salt", 4096, 32, "sha256");
  const challenge = `${bare.split(",")[1]}server,s=${base64("salt")},i=4096`;
  const [answer = ""] = await ask(peer, challenge);
  const [, withoutProof = "", proof = ""] = /^(.*),p=(.*)$/.exec(plainText(answer)) ?? [];
  const message = `${bare},${challenge},${withoutProof}`;
  const clientKey = hmac(salted, "Client Key");
  const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
  const expected = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
  expect(proof).toBe(expected.toString("base64"));
  await ask(peer, `v=${hmac(hmac(salted, "Server Key"), message).toString("base64")}`);
  return [first, answer];
}

const initial: Accept = async (peer) => [(await peer.line()).split(" ")[2]!];

const mechanisms: readonly (readonly [Mechanism, Credentials, Accept])[] = [
  ["SCRAM-SHA-256", password, scram],
  ["PLAIN", password, initial],
  [
    "LOGIN",
    password,
    async (peer) => {
      expect(await peer.line()).toBe("AUTH LOGIN");
      return ask(peer, "username:", "Password:");
    },
  ],
  [
    "CRAM-MD5",
    password,
    async (peer) => {
      expect(await peer.line()).toBe("AUTH CRAM-MD5");
      return ask(peer, "<1@wire.test>");
    },
  ],
  ["OAUTHBEARER", token, initial],
  ["XOAUTH2", token, initial],
];

interface Shown {
  readonly everything: string;
  readonly failure: SmtpFailure | null;
}

/** All that comes out of connecting, as one text. */
async function shown(options: ConnectOptions): Promise<Shown> {
  const steps: Step[] = [];
  const lines: TranscriptLine[] = [];
  const watched = {
    ...options,
    onStep: (step: Step) => void steps.push(step),
    onLine: (line: TranscriptLine) => void lines.push(line),
  };
  try {
    const connection = await connect(watched);
    const { transcript, capabilities, mechanism } = connection;
    await connection.noop();
    connection.destroy();
    return { everything: JSON.stringify([steps, lines, transcript, capabilities, mechanism]), failure: null };
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    const { message, facts, stack } = error;
    return { everything: JSON.stringify([steps, lines, message, facts, stack]), failure: error };
  }
}

/** The secret in each form in which it can stand in base64, whatever is around it. */
function forms(lines: readonly string[]): string[] {
  const inside = [0, 1, 2].map((before) =>
    base64(" ".repeat(before) + secret).slice(before && before + 1, -4),
  );
  return [
    secret,
    ...inside,
    ...lines.flatMap((line) => [line, line.slice(4, -4)]).filter((line) => line.length > 8),
  ];
}

describe.each(mechanisms)("%s", (mechanism, credentials, accept) => {
  it.each([
    "taken",
    "refused",
  ])("%s, with the server repeating all it hears: nothing of it is shown", async (end) => {
    let said: string[] = [];
    await using server = await serve(async (peer) => {
      await peer.ready(`AUTH ${mechanism}`);
      said = await accept(peer);
      const repeated = [secret, base64(secret), ...said, ...said.map(plainText)].join(" ");
      peer.say(end === "taken" ? `235 hello ${repeated}\r\n` : `535-5.7.8 no:\r\n535 5.7.8 ${repeated}\r\n`);
      if (end === "refused") return;
      await peer.line();
      peer.say(`250 ${repeated} ${base64(`and${repeated}`)}\r\n`);
    });
    const { everything, failure } = await shown(settings(server.port, { credentials }));
    expect(said.length).toBeGreaterThan(0);
    for (const form of forms(said)) expect(everything).not.toContain(form);
    expect(everything).toContain("***");
    if (end === "taken") expect(failure).toBeNull();
    else
      expect(failure?.facts).toMatchObject({ stage: "auth", kind: "reply", mechanism, reply: { code: 535 } });
  });
});

it.each([
  "XOAUTH2",
  "OAUTHBEARER",
] as const)("%s: the reason for a refusal is shown, the token is not", async (mechanism) => {
  let answer = "";
  await using server = await serve(async (peer) => {
    await peer.ready(`AUTH ${mechanism}`);
    await peer.line();
    [answer = ""] = await ask(peer, `{"status":"400","token":"${secret}"}`);
    peer.say("535 5.7.8 no\r\n");
  });
  const { everything, failure } = await shown(settings(server.port, { credentials: token }));
  expect(answer).toBe(mechanism === "XOAUTH2" ? "" : "AQ==");
  expect(failure?.facts.challenge).toBe('{"status":"400","token":"***"}');
  expect(everything).not.toContain(secret);
});

it("a mechanism that the server lists and does not know gives way to the next, a wrong password does not", async () => {
  const heard: string[] = [];
  await using server = await serve(async (peer) => {
    await peer.ready("AUTH PLAIN LOGIN CRAM-MD5");
    heard.push((await peer.line()).split(" ")[1]!);
    peer.say("504 5.5.4 unrecognized\r\n");
    heard.push((await peer.line()).split(" ")[1]!);
    await ask(peer, "", "");
    peer.say("535 5.7.8 no\r\n");
    heard.push(await peer.line());
  });
  const { failure } = await shown(settings(server.port, { credentials: password }));
  expect(failure?.facts).toMatchObject({ mechanism: "LOGIN", reply: { code: 535 } });
  await server.peers[0]!.closed();
  expect(heard).toEqual(["PLAIN", "LOGIN", "QUIT"]);
});

it("a secret never crosses the network in clear", async () => {
  await using server = await serve((peer) => peer.ready("AUTH PLAIN"));
  const { failure } = await shown({
    endpoint: { host: "mail.wire.test", port: server.port, security: "none" },
    credentials: password,
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
  });
  expect(failure?.facts).toMatchObject({ stage: "auth", kind: "local", code: "SECRET_IN_CLEAR" });
  expect(server.peers[0]!.heard).not.toContain("AUTH");
});

it.each([
  ["no user name", { credentials: { username: "", password: "x" } }],
  ["a NUL in the password", { credentials: { username: "x", password: "a\0b" } }],
  [
    "an unknown mechanism",
    { credentials: { username: "x", password: "x", mechanisms: ["NTLM" as Mechanism] } },
  ],
  ["a port out of range", { endpoint: { host: "127.0.0.1", port: 70_000, security: "none" } }],
  ["a host of two lines", { endpoint: { host: "a\r\nb", port: 25, security: "none" } }],
  ["a client name of two lines", { clientName: "a\r\nMAIL" }],
  ["no time at all", { timeouts: { command: 0 } }],
] as const)("settings with %s are refused before any network", async (_name, more) => {
  const { failure } = await shown(settings(1, more));
  expect(failure?.facts).toMatchObject({ stage: "settings", kind: "local", code: "BAD_INPUT" });
});
