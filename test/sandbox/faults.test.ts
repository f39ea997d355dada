// Each fault on demand: by flag and by recipient, seen by our client, and recognised by the book of causes.
import nodemailer from "nodemailer";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { judge } from "../../src/causes/judge.ts";
import { Catcher } from "../../src/sandbox/catcher.ts";
import { type Authority, makeAuthority } from "../../src/sandbox/certificates.ts";
import { type FaultName, fault, faultNames, faultReply } from "../../src/sandbox/faults.ts";
import { type Replica, type ReplicaOptions, startReplica } from "../../src/sandbox/replica.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/sandbox.ts";
import { localNames, serverTls } from "../../src/sandbox/server-tls.ts";
import { type ConnectOptions, type Credentials, connect, SmtpFailure } from "../../src/smtp/client.ts";
import { Peer } from "./peer.ts";

const ten = ["sendgrid", "gmail", "outlook", "hotmail", "yahoo", "icloud", "zoho", "qq", "163", "aliyun"];
const replyFaults = faultNames.filter((name) => fault(name).kind === "reply");

let authority: Authority;
beforeAll(async () => {
  authority = await makeAuthority();
});

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

async function sandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox & { catcher: Catcher }> {
  const catcher = new Catcher();
  const box = await startSandbox({ catcher, ...options });
  cleanUp.push(
    () => catcher.close(),
    () => box.close(),
  );
  return { ...box, catcher };
}

async function replica(provider: string, options: Partial<ReplicaOptions> = {}): Promise<Replica> {
  const started = await startReplica({ provider, authority, catcher: null, ...options });
  cleanUp.push(() => started.close());
  return started;
}

const anyone: Credentials = { username: "user@x.example", password: "open sesame" };

function credentialsOf({ credentials: { username, secret, accessToken } }: Replica): Credentials {
  return secret === null ? { username, accessToken: accessToken ?? "" } : { username, password: secret };
}

async function attempt(
  server: Pick<Sandbox, "endpoints">,
  credentials: Credentials,
  from: string,
  to: readonly string[],
  options: Partial<ConnectOptions> = {},
): Promise<(SmtpFailure | null)[]> {
  const connection = await connect({
    endpoint: server.endpoints[0]!,
    credentials,
    ca: [authority.certPem],
    ...options,
  });
  try {
    const failures: (SmtpFailure | null)[] = [];
    for (const address of to) {
      const result = await connection.send(
        { from, to: [{ address }] },
        Buffer.from(`From: ${from}\r\n\r\nx\r\n`),
      );
      const [recipient] = result.recipients;
      failures.push(recipient?.ok === false ? recipient.failure : null);
    }
    return failures;
  } finally {
    connection.destroy();
  }
}

/** The failure of one message, wherever it came. */
async function failing(...request: Parameters<typeof attempt>): Promise<SmtpFailure> {
  const outcome = await attempt(...request).then(
    ([failure]) => failure,
    (error: unknown) => error,
  );
  if (!(outcome instanceof SmtpFailure)) throw new Error(`no failure of SMTP: ${outcome}`);
  return outcome;
}

function causesOf(name: FaultName): readonly string[] {
  const entry = fault(name);
  return entry.kind === "reply" ? entry.causes : [];
}

describe("a reply fault", () => {
  it.each(replyFaults)("%s by flag is recognised, from a server of no particular make", async (name) => {
    const box = await sandbox({ fault: name });
    const from = anyone.username;
    const failure = await failing(box, anyone, from, ["b@y.example"]);
    expect(causesOf(name)).toContain(
      judge(failure, { provider: null, username: from, from, sender: from }).cause,
    );
    expect(box.catcher.list()).toEqual([]);
  });

  it.each(["gmail", "qq", "outlook"])("by flag is told in the words of %s, and recognised", async (id) => {
    for (const name of replyFaults) {
      const server = await replica(id, { fault: name });
      const { from, username } = server.credentials;
      const failure = await failing(server, credentialsOf(server), from, ["b@y.example"]);
      const verdict = judge(failure, { provider: server.provider, username, from, sender: from });
      expect(causesOf(name), name).toContain(verdict.cause);
    }
  });

  it.each(ten)("by recipient is told in the words of %s, and recognised", async (id) => {
    const server = await replica(id);
    const { from, username } = server.credentials;
    const closing = (name: FaultName) => {
      const entry = fault(name);
      return entry.kind === "reply" && faultReply(entry, server.provider).close === true;
    };
    const talking = replyFaults.filter((name) => !closing(name));
    const to = talking.map((name) => `${name}@fault.test`);
    const failures = new Map<FaultName, SmtpFailure | null | undefined>();
    const together = await attempt(server, credentialsOf(server), from, to);
    for (const [index, name] of talking.entries()) failures.set(name, together[index]);
    for (const name of replyFaults.filter(closing)) {
      failures.set(name, await failing(server, credentialsOf(server), from, [`${name}@fault.test`]));
    }
    for (const name of replyFaults) {
      const failure = failures.get(name);
      expect(failure, name).toBeInstanceOf(SmtpFailure);
      const verdict = judge(failure!, { provider: server.provider, username, from, sender: from });
      expect(causesOf(name), name).toContain(verdict.cause);
    }
  });

  it("by recipient concerns that message alone", async () => {
    const box = await sandbox();
    const to = [
      "quota@fault.test",
      "451@fault.test",
      "550@Fault.Test",
      "good@y.example",
      "no-such@fault.test",
    ];
    const failures = await attempt(box, anyone, "a@x.example", to);
    expect(failures.map((failure) => failure?.facts.reply?.code ?? null)).toEqual([550, 451, 550, null, 550]);
    expect(failures.map((failure) => failure?.facts.stage ?? null)).toEqual([
      "content",
      "rcpt",
      "rcpt",
      null,
      "rcpt",
    ]);
    expect(box.catcher.list().map((caught) => caught.envelope.to)).toEqual([["good@y.example"]]);
  });

  it("by recipient spares the other recipients of the message", async () => {
    const box = await sandbox();
    const connection = await connect({ endpoint: box.endpoints[0]! });
    cleanUp.push(() => connection.destroy());
    const to = [{ address: "good@y.example" }, { address: "mailbox-full@fault.test" }];
    const { recipients } = await connection.send({ from: "a@x.example", to }, Buffer.from("\r\n"));
    expect(recipients.map((one) => one.ok)).toEqual([true, false]);
    expect(box.catcher.list()[0]?.envelope.to).toEqual(["good@y.example"]);
  });

  it("is understood by another client as well", async () => {
    const { endpoints, credentials } = await replica("gmail", {
      security: "tls",
      fault: "app-password-required",
    });
    const transport = nodemailer.createTransport({
      host: "localhost",
      port: endpoints[0]!.port,
      secure: true,
      tls: { ca: authority.certPem },
      auth: { user: credentials.username, pass: "abcdefghijklmnop" },
    });
    await expect(transport.verify()).rejects.toMatchObject({
      responseCode: 534,
      response: expect.stringContaining("InvalidSecondFactor"),
    });
  });
});

describe("a fault of the wire", () => {
  const short = { greeting: 200, command: 200, data: 200, final: 200, block: 500 };

  it.each([
    ["drop-on-connect", { stage: "greeting", kind: "socket" }],
    ["no-greeting", { stage: "greeting", kind: "timeout" }],
    ["garbage", { stage: "greeting", kind: "protocol" }],
    ["slow-drip", { stage: "greeting", kind: "timeout" }],
    ["endless-reply", { stage: "ehlo", kind: "protocol", code: "REPLY_TOO_LONG" }],
    ["drop-after-ehlo", { kind: "socket", certainty: "not-accepted" }],
    ["half-open", { stage: "mail", kind: "timeout" }],
    ["drop-after-dot", { stage: "content", kind: "socket", certainty: "unknown" }],
    ["late-reply", { stage: "content", kind: "timeout", certainty: "unknown" }],
  ] as const)("%s by flag shows as what it is", async (name, expected) => {
    const box = await sandbox({ fault: name });
    const failure = await failing(box, anyone, "a@x.example", ["b@y.example"], { timeouts: short });
    expect(failure.facts).toMatchObject(expected);
  });

  it.each([
    ["drop-on-connect", { stage: "rcpt", kind: "socket" }],
    ["no-greeting", { stage: "rcpt", kind: "timeout" }],
    ["drop-after-ehlo", { stage: "rcpt", kind: "socket" }],
    ["garbage", { stage: "rcpt", kind: "protocol" }],
    ["endless-reply", { stage: "rcpt", kind: "protocol" }],
    ["half-open", { stage: "rcpt", kind: "timeout" }],
    ["drop-after-dot", { stage: "content", kind: "socket", certainty: "unknown" }],
    ["late-reply", { stage: "content", kind: "timeout", certainty: "unknown" }],
  ] as const)("%s by recipient shows when the recipient is named", async (name, expected) => {
    const box = await sandbox();
    const failure = await failing(box, anyone, "a@x.example", [`${name}@fault.test`], { timeouts: short });
    expect(failure.facts).toMatchObject(expected);
  });

  it("drop-in-data closes before the content is whole", async () => {
    for (const options of [{ fault: "drop-in-data" as const }, {}]) {
      const box = await sandbox(options);
      const peer = await Peer.greeted(box.endpoints[0]!.port);
      await peer.ask("MAIL FROM:<a@x.example>");
      await peer.ask("RCPT TO:<drop-in-data@fault.test>");
      await peer.ask("DATA");
      peer.send("Subject: half\r\n");
      expect(await peer.rest()).toBe("");
      expect(box.counts.messages).toBe(0);
    }
  });

  it.each(["drop-after-dot", "late-reply"] as const)("%s keeps the message all the same", async (name) => {
    const box = await sandbox({ fault: name });
    await failing(box, anyone, "a@x.example", ["b@y.example"], { timeouts: short });
    expect(box.catcher.list()).toHaveLength(1);
  });

  it("late-reply comes in the end, and the session goes on", async () => {
    const box = await sandbox({ faultSetting: { lateMs: 20 } });
    const failures = await attempt(box, anyone, "a@x.example", ["late-reply@fault.test", "b@y.example"]);
    expect(failures).toEqual([null, null]);
  });

  it("slow-drip gets its words out in the end", async () => {
    const box = await sandbox({ fault: "slow-drip", faultSetting: { dripMs: 0.1 } });
    const peer = await Peer.greeted(box.endpoints[0]!.port);
    expect(await peer.ask("QUIT")).toMatch(/^221 /);
    expect(await peer.rest()).toBe("");
  });
});

describe("a fault of TLS", () => {
  const listeners = [{ security: "starttls" }] as const;
  const faulty = async (name: FaultName, kind: "starttls" | "tls" = "starttls") =>
    sandbox({
      listeners: [{ security: kind }],
      tls: await serverTls(authority, localNames, name),
      fault: name,
    });

  it.each([
    ["starttls-missing", { code: "STARTTLS_NOT_OFFERED" }],
    ["starttls-refused", { stage: "starttls", kind: "reply" }],
    ["starttls-plaintext", { code: "DATA_BEFORE_TLS" }],
  ] as const)("%s ends the dialogue before a secret is sent", async (name, expected) => {
    const box = await faulty(name);
    const failure = await failing(box, anyone, "a@x.example", ["b@y.example"]);
    expect(failure.facts).toMatchObject(expected);
    expect(box.counts).toMatchObject({ signIns: 0, signInFailures: 0 });
  });

  it.each(["starttls", "tls"] as const)("of the certificate shows over %s", async (kind) => {
    for (const [name, code] of [
      ["certificate-expired", "CERT_HAS_EXPIRED"],
      ["certificate-self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"],
      ["certificate-wrong-name", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ] as const) {
      const box = await faulty(name, kind);
      const failure = await failing(box, anyone, "a@x.example", ["b@y.example"]);
      expect(failure.facts, name).toMatchObject({ stage: "tls", kind: "tls", code });
      expect(box.counts.signIns).toBe(0);
    }
  });

  it("tls-old is refused by a client of today", async () => {
    const failure = await failing(await faulty("tls-old", "tls"), anyone, "a@x.example", ["b@y.example"]);
    expect(failure.facts).toMatchObject({ stage: "tls", kind: "tls" });
    expect(["tls.alert-protocol-version", "tls.unsupported-protocol"]).toContain(
      judge(failure, { provider: null }).cause,
    );
  });

  it("cannot be asked for by recipient, and says so", async () => {
    const box = await sandbox({ listeners, tls: await serverTls(authority, localNames) });
    const failure = await failing(box, anyone, "a@x.example", ["certificate-expired@fault.test"]);
    expect(failure.facts.reply?.lines[0]).toMatch(/by flag/);
  });
});

it("every fault is documented in one line", () => {
  for (const name of faultNames) expect(fault(name).help).toMatch(/^[^\n]{10,90}$/);
});
