// The walk to servers that behave oddly, over real sockets: who answers, what was altered on the way, what is told.
import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Peer, serve } from "../../../test/wire/server.ts";
import { serveTls } from "../../../test/wire/tls.ts";
import { provider } from "../../providers/lookup.ts";
import type { Setting } from "../test.ts";
import { resultOf, shownStep } from "./result.ts";
import { at, factsOf, finding, read, type Visit, visit } from "./walk.fixture.ts";
import { walk } from "./walk.ts";

const secretless = { credentials: null } as const;

/** Answers yes to everything from MAIL on, and keeps what it heard. */
async function obliging(peer: Peer, answers: Readonly<Record<string, string>> = {}): Promise<void> {
  for (let line = await peer.line(); line !== "" && !peer.socket.destroyed; line = await peer.line()) {
    const [verb = ""] = line.split(" ");
    peer.say(`${answers[verb] ?? answers[line] ?? (verb === "QUIT" ? "221 bye" : "250 ok")}\r\n`);
    if (verb === "QUIT") peer.socket.end();
  }
}

describe("the greeting", () => {
  test.each([
    ["* OK [CAPABILITY IMAP4rev1] Dovecot ready.", "config.imap-or-pop-host"],
    ["+OK POP3 ready", "config.imap-or-pop-host"],
    ["SSH-2.0-OpenSSH_9.7", "banner.other-protocol"],
    ["HTTP/1.1 400 Bad Request", "banner.http-server"],
    ["421 4.7.0 Too many connections from your IP", "banner.421-busy-or-limited"],
    ["554 5.7.1 Blocked - see https://www.spamhaus.org/", "banner.554-refused"],
  ])("%s is told", async (line, cause) => {
    await using server = await serve((peer) => peer.say(`${line}\r\n`));
    const met = await visit(at(server.port));
    expect(met.cause).toBe(cause);
    expect(finding(met.findings, cause)).toMatchObject({ probe: "greeting", status: "fail" });
    expect(met.walk.result.transcript.length).toBeGreaterThan(0);
  });

  test("of a web server that waits to be spoken to is had out of it", async () => {
    await using server = await serve(async (peer) => {
      if (server.peers.length === 1) return void peer.socket.end();
      await peer.line();
      peer.say("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n");
    });
    const met = await visit(at(server.port));
    expect(met.walk.spoken?.received).toContain("HTTP/1.1 400");
    expect(met.cause).toBe("banner.http-server");
    expect(server.peers.map(({ heard }) => heard.includes("AUTH"))).toEqual([false, false]);
  });

  test("of a port for TLS is had out of it too, whatever its number", async () => {
    await using server = await serve(async (peer) => {
      if (server.peers.length === 1) return void peer.socket.end();
      await peer.line();
      peer.say(Buffer.from("15030100020246", "hex"));
    });
    const met = await visit(at(server.port, {}, "starttls"));
    expect(met.cause).toBe("config.plain-on-implicit-tls-port");
  });

  test("of another provider is told where no certificate proves the server", async () => {
    await using server = await serve(async (peer) => {
      peer.say("220 smtp.mail.yahoo.com ESMTP ready\r\n");
      await obliging(peer, { EHLO: "250 smtp.mail.yahoo.com" });
    });
    const met = await visit(at(server.port, { ...secretless, provider: provider("gmail") }));
    expect(met).toMatchObject({ verdict: "degraded", cause: "banner.not-the-expected-provider" });
    expect(finding(met.findings, "banner.not-the-expected-provider")?.values).toMatchObject({
      found: "smtp.mail.yahoo.com",
    });
  });

  test("that is the provider's own by another of its names is no stranger's", async () => {
    await using server = await serve(async (peer) => {
      peer.say("220 mx.google.com ESMTP x84sm - gsmtp\r\n");
      await obliging(peer, { EHLO: "250 smtp.gmail.com" });
    });
    const met = await visit(
      at(server.port, { ...secretless, provider: provider("gmail"), from: "a@gmail.com" }),
    );
    expect(met.cause).toBeNull();
  });
});

describe("what is altered on the way", () => {
  test("masked by a firewall: the cause is the firewall, and no secret was sent", async () => {
    await using server = await serve(async (peer) => {
      peer.say("220 ****************0*0*********\r\n");
      await obliging(peer, { EHLO: "500 5.5.1 Command unrecognized", HELO: "250 mail.test" });
    });
    const met = await visit(at(server.port, {}, "starttls"));
    expect(met.walk.helo).toBe(true);
    expect(met.cause).toBe("banner.cisco-fixup");
    expect(server.peers[0]?.heard).not.toContain("AUTH");
  });

  test("STARTTLS overwritten with X", async () => {
    await using server = await serve(async (peer) => {
      peer.say("220 mail.test ESMTP\r\n");
      await obliging(peer, { EHLO: "250-mail.test\r\n250-XXXXXXXA\r\n250 SIZE 35000000" });
    });
    const set = await visit(at(server.port, {}, "starttls"));
    expect(set.cause).toBe("ehlo.starttls-stripped-xxxxxxxa");
    // In clear it would pass unnoticed, as it does with other programs.
    const clear = await visit(at(server.port, secretless));
    expect(clear).toMatchObject({ verdict: "degraded", cause: "ehlo.starttls-stripped-xxxxxxxa" });
  });

  test("EHLO refused and HELO taken", async () => {
    await using server = await serve(async (peer) => {
      peer.say("220 mail.test\r\n");
      await obliging(peer, { EHLO: "502 5.5.2 Command not implemented" });
    });
    expect((await visit(at(server.port, {}, "starttls"))).cause).toBe("ehlo.not-implemented");
    expect((await visit(at(server.port, secretless))).cause).toBe("ehlo.not-implemented");
  });
});

/** Under a name that is not this machine's, as the setting of a server elsewhere. */
async function visitElsewhere(port: number, more: Partial<Setting>): Promise<Visit> {
  const setting: Setting = { ...at(port, { ...secretless, ...more }) };
  const elsewhere = { ...setting, endpoint: { ...setting.endpoint, host: "smtp.gmail.com" } };
  const walked = await walk(elsewhere, {
    timeouts: {},
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
  });
  const seen = await visit(setting);
  const steps = walked.steps.map((step) => shownStep(step, "en"));
  const result = resultOf(elsewhere, walked, steps, "en");
  const facts = { ...seen.walk, failure: walked.failure, result, verdict: result.verdict };
  return { walk: facts, ...read(factsOf(elsewhere, facts)) };
}

test("STARTTLS offered and not used is a warning, and a failure where a public provider is meant", async () => {
  await using server = await serve(async (peer) => {
    peer.say("220 smtp.gmail.com ESMTP\r\n");
    await obliging(peer, { EHLO: "250-smtp.gmail.com\r\n250 STARTTLS" });
  });
  const met = await visitElsewhere(server.port, {});
  expect(met).toMatchObject({ verdict: "failed", cause: "ehlo.silent-plaintext-downgrade" });
  const own = { ...at(server.port, secretless) };
  const private_ = { ...own, endpoint: { ...own.endpoint, host: "mail.example.org" } };
  expect(read(factsOf(private_, met.walk))).toMatchObject({
    verdict: "degraded",
    cause: "ehlo.silent-plaintext-downgrade",
  });
  // To this very machine nothing can be overheard.
  expect((await visit(own)).cause).toBeNull();
});

describe("signing in", () => {
  test("by one mechanism works and by the next not: told, and the third is not tried", async () => {
    await using server = await serve(async (peer) => {
      await peer.ready("AUTH PLAIN LOGIN CRAM-MD5");
      const line = await peer.line();
      if (line.startsWith("AUTH PLAIN")) {
        peer.say("235 2.7.0 welcome\r\n");
        return obliging(peer);
      }
      expect(line).toBe("AUTH LOGIN");
      peer.say("535 5.7.8 not this way\r\n");
      await obliging(peer);
    });
    const met = await visit(at(server.port));
    expect(met.walk.signIns.map(({ mechanism, ok }) => `${mechanism} ${ok}`)).toEqual([
      "PLAIN true",
      "LOGIN false",
    ]);
    expect(met.verdict).toBe("degraded");
    expect(met.findings.find(({ probe }) => probe === "sign-in")?.detail.en).toContain("refused by LOGIN");
    expect(server.peers.every(({ heard }) => heard.endsWith("QUIT\r\n"))).toBe(true);
  });

  test("refused at first: one attempt in all", async () => {
    await using server = await serve(async (peer) => {
      await peer.ready("AUTH PLAIN LOGIN CRAM-MD5");
      await obliging(peer, { AUTH: "535 5.7.8 Error: authentication failed" });
    });
    const met = await visit(at(server.port));
    expect(met.cause).toBe("auth.bad-credentials");
    expect(server.peers.map(({ heard }) => heard.match(/AUTH/g)?.length)).toEqual([1]);
    await server.peers[0]?.closed();
    expect(server.peers[0]?.heard).toMatch(/QUIT\r\n$/);
  });

  test.each([
    ["8BITMIME", "auth.not-offered-at-all", "a test that passes over this proves nothing"],
    ["AUTH NTLM GSSAPI", "auth.mechanism-unsupported", "It offers NTLM, GSSAPI only."],
  ])("where TLS brings only %s is %s", async (offered, cause, evidence) => {
    const tls = await serveTls();
    await using server = await serve(async (peer) => {
      const secured = tls.secured(peer);
      await secured.ready(offered);
      await obliging(secured);
    });
    const { ca = [] } = tls.trusting(server.port, "tls");
    const met = await visit(at(server.port, { ca }, "tls"));
    expect(met).toMatchObject({ verdict: "failed", cause });
    expect(JSON.stringify(met.findings)).toContain(evidence);
  });

  test("inside TLS: protocol, cipher and both lists are there", async () => {
    const tls = await serveTls();
    await using server = await serve(async (peer) => {
      await peer.ready("STARTTLS");
      await peer.line();
      peer.say("220 go\r\n");
      const secured = tls.secured(peer);
      await secured.line();
      secured.say("250-mail.test\r\n250 AUTH PLAIN\r\n");
      await obliging(secured, { AUTH: "235 welcome" });
    });
    const { ca = [] } = tls.trusting(server.port, "starttls");
    const { walk: seen, cause } = await visit(at(server.port, { ca }, "starttls"));
    expect(cause).toBeNull();
    expect(seen).toMatchObject({ protocol: "TLSv1.3", clear: { auth: [] }, secured: { auth: ["PLAIN"] } });
    expect(seen.chain[0]?.altNames).toContain("mail.wire.test");
  });
});

describe("the envelope", () => {
  test("is given back with RSET and no content, and SIZE is measured against what people send", async () => {
    await using server = await serve(async (peer) => {
      await peer.ready("SIZE 5000000", "AUTH PLAIN");
      await obliging(peer, { AUTH: "235 welcome" });
    });
    const met = await visit(at(server.port));
    expect(server.peers[0]?.heard).toMatch(/MAIL FROM:.*\r\nRCPT TO:.*\r\nRSET\r\nQUIT\r\n$/);
    expect(server.peers[0]?.heard).not.toContain("DATA");
    expect(met.verdict).toBe("degraded");
    expect(met.findings.find(({ probe }) => probe === "size")).toMatchObject({
      status: "warn",
      values: { found: "5 MB" },
    });
  });

  test("with another sender refused is tried with the address that signs in", async () => {
    await using server = await serve(async (peer) => {
      await peer.ready("AUTH PLAIN");
      await obliging(peer, {
        AUTH: "235 welcome",
        "MAIL FROM:<boss@wire.example.com>": "550 5.7.1 no such sender",
      });
    });
    const met = await visit(at(server.port, { from: "boss@wire.example.com" }));
    expect(met.walk.ownSender).toEqual({ address: "me@wire.example.com", accepted: true });
    expect(JSON.stringify(met.findings)).toContain("took the sender at once");
    expect(met.cause).toBe("envelope.sender-not-owned");
    const both = { ...met.walk, ownSender: { address: "me@wire.example.com", accepted: false } };
    expect(read(factsOf(at(server.port), both)).cause).toBe("envelope.sender-refused");
  });
});

test("a From that is no address keeps the dialogue from nothing but the envelope", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("AUTH PLAIN");
    await obliging(peer, { AUTH: "235 welcome" });
  });
  const met = await visit(at(server.port, { from: "noreply" }), { to: "friend@example.net" });
  expect(met).toMatchObject({ verdict: "failed", cause: "envelope.syntax" });
  expect(met.walk.signIns).toHaveLength(1);
  expect(server.peers[0]?.heard).not.toContain("MAIL");
});

test("at the end of the time the facts so far are there, and what was waited for is a timeout", async () => {
  const end = new AbortController();
  await using server = await serve(async (peer) => {
    await peer.ready("AUTH PLAIN", "SIZE 20000000");
    await peer.line();
    peer.say("235 welcome\r\n");
    await peer.line();
    end.abort();
  });
  const met = await visit(at(server.port), {}, end.signal);
  expect(met.walk).toMatchObject({ failure: { facts: { kind: "timeout", code: "TIMEOUT", stage: "mail" } } });
  expect(met.walk).toMatchObject({ size: 20_000_000, signIns: [{ mechanism: "PLAIN", ok: true }] });
  expect(met.verdict).toBe("failed");
  expect(met.findings.map(({ probe }) => probe)).toEqual(
    expect.arrayContaining(["greeting", "ehlo", "sign-in"]),
  );
});

test("a greeting that was kept back is told when it has come", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("AUTH PLAIN");
    await obliging(peer, { AUTH: "235 welcome" });
  });
  const { walk: seen } = await visit(at(server.port));
  const late = read(factsOf(at(server.port), { ...seen, greetingMs: 21_000 }));
  expect(late).toMatchObject({ verdict: "degraded", cause: "banner.slow-tarpit" });
});

test("whatever a server says before it goes away, the walk comes back with a cause, and no reading throws", async () => {
  const line = fc.oneof(
    fc.constantFrom(
      "220 hi",
      "250-AUTH PLAIN",
      "250 STARTTLS",
      "250 ok",
      "235 in",
      "334 ",
      "535 no",
      "421 bye",
      "354 go",
    ),
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.constantFrom("none", "starttls"),
      async (lines, security) => {
        await using server = await serve(async (peer) => {
          for (const said of lines) {
            peer.say(Buffer.from(`${said}\r\n`));
            // A client that waits for the rest of a reply says nothing: the next line comes all the same.
            await Promise.race([peer.line(), setTimeout(20)]);
          }
          peer.socket.end();
        });
        const met = await visit(at(server.port, {}, security));
        expect(met.walk.result.ok).toBe(met.walk.failure === null);
        expect(met.verdict === "failed").toBe(met.findings.some(({ status }) => status === "fail"));
        if (met.walk.failure !== null) expect(met.cause).not.toBeNull();
        const refused = met.walk.signIns.filter(({ ok }) => !ok);
        expect(refused.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 40 },
  );
});
