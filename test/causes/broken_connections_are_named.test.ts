// A real dialogue with a misbehaving server: whatever breaks below the replies is judged to its own cause.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CauseId } from "../../src/causes/book.ts";
import { judge } from "../../src/causes/judge.ts";
import type { Verdict } from "../../src/causes/verdict.ts";
import { type Authority, makeAuthority } from "../../src/sandbox/certificates.ts";
import type { FaultName } from "../../src/sandbox/faults.ts";
import { type Replica, startReplica } from "../../src/sandbox/replica.ts";
import { connect, type Security, SmtpFailure, type TranscriptLine } from "../../src/smtp/client.ts";

let authority: Authority;
const replicas: Replica[] = [];

beforeAll(async () => {
  authority = await makeAuthority();
});

afterAll(async () => {
  for (const replica of replicas) await replica.close();
});

/** Long enough for a loaded machine to answer, and all that a test of silence has to wait. */
const patience = 1_000;

interface Circumstances {
  readonly security: Security;
  /** Spoken by the client, when it is not the listener's. */
  readonly asked?: Security;
  readonly fault?: FaultName;
  /** Default: the name that the provider's certificate bears. */
  readonly serverName?: string | null;
}

/** The verdict on sending one message through a stand-in for Gmail. */
async function verdictOn({ security, asked = security, fault, serverName }: Circumstances): Promise<Verdict> {
  const replica = await startReplica({
    provider: "gmail",
    authority,
    catcher: null,
    security,
    ...(fault === undefined ? {} : { fault }),
  });
  replicas.push(replica);
  const [listener] = replica.endpoints;
  if (listener === undefined) throw new Error("the replica does not listen");
  const endpoint = { host: listener.host, port: listener.port, security: asked };
  const { username, secret, from } = replica.credentials;
  const transcript: TranscriptLine[] = [];
  const name = serverName === null ? undefined : (serverName ?? listener.standsFor.host);
  const failure = await connect({
    endpoint,
    ...(name === undefined ? {} : { serverName: name }),
    ca: [authority.certPem],
    credentials: { username, password: secret ?? "" },
    timeouts: { tls: patience, greeting: patience, command: patience, data: patience, final: patience },
    onLine: (line) => transcript.push(line),
  }).then(
    async (connection) => {
      const content = Buffer.from(`From: ${from}\r\n\r\nHello\r\n`);
      const { recipients } = await connection.send({ from, to: [{ address: "a@example.org" }] }, content);
      connection.destroy();
      const [answer] = recipients;
      return answer?.ok === false ? answer.failure : null;
    },
    (error: unknown) => error,
  );
  if (!(failure instanceof SmtpFailure)) throw new Error("the mail went through", { cause: failure });
  return judge(failure, { provider: replica.provider, endpoint, username, sender: from, transcript });
}

const table: readonly (readonly [CauseId, Circumstances])[] = [
  ["config.tls-on-starttls-port", { security: "starttls", asked: "tls" }],
  ["banner.silent-server", { security: "tls", asked: "starttls" }],
  ["banner.silent-server", { security: "tls", fault: "no-greeting" }],
  ["banner.closed-without-greeting", { security: "starttls", fault: "drop-on-connect" }],
  ["banner.other-protocol", { security: "starttls", fault: "garbage" }],
  ["tcp.connection-lost", { security: "starttls", fault: "drop-after-ehlo" }],
  ["protocol.broken-reply", { security: "tls", fault: "endless-reply" }],
  ["ehlo.starttls-missing", { security: "starttls", fault: "starttls-missing" }],
  ["ehlo.starttls-refused", { security: "starttls", fault: "starttls-refused" }],
  ["tls.injected-before-handshake", { security: "starttls", fault: "starttls-plaintext" }],
  ["tls.closed-during-handshake", { security: "tls", fault: "drop-on-connect" }],
  ["tls.alert-protocol-version", { security: "tls", fault: "tls-old" }],
  ["cert.expired", { security: "tls", fault: "certificate-expired" }],
  ["cert.self-signed-leaf", { security: "starttls", fault: "certificate-self-signed" }],
  ["cert.hostname-mismatch", { security: "tls", fault: "certificate-wrong-name" }],
  ["cert.connect-by-ip", { security: "tls", fault: "certificate-wrong-name", serverName: null }],
  ["data.connection-lost-after-dot", { security: "tls", fault: "drop-after-dot" }],
];

test.each(table)("%s: %j", async (wanted, circumstances) => {
  const verdict = await verdictOn(circumstances);
  expect(verdict.cause).toBe(wanted);
  expect(["account", "endpoint"]).toContain(verdict.scope);
});
