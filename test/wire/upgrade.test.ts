// The connection turned to TLS by STARTTLS (RFC 3207) and from the first byte (RFC 8314), with mail sent through it.
import { beforeAll, expect, it } from "vitest";
import { connect, SmtpPool } from "../../src/smtp/client.ts";
import type { Step } from "../../src/smtp/steps.ts";
import { envelope, message, type Peer, serve } from "./server.ts";
import { serveTls, type TlsServing } from "./tls.ts";

let tls: TlsServing;
beforeAll(async () => {
  tls = await serveTls();
});

async function takeMail(peer: Peer): Promise<void> {
  await peer.envelope();
  await peer.content();
  peer.say("250 2.0.0 queued\r\n");
}

it("STARTTLS: what was offered in clear is forgotten, and the secret goes inside", async () => {
  let heard = "";
  await using server = await serve(async (peer) => {
    await peer.ready("STARTTLS", "AUTH LOGIN", "SIZE 10");
    expect(await peer.line()).toBe("STARTTLS");
    peer.say("220 go\r\n");
    const inside = tls.secured(peer);
    heard = await inside.line();
    inside.say("250-mail.test\r\n250 AUTH PLAIN\r\n");
    await inside.line();
    inside.say("235 ok\r\n");
    await takeMail(inside);
  });
  const steps: Step[] = [];
  const connection = await connect(
    tls.trusting(server.port, "starttls", { onStep: (step) => void steps.push(step) }),
  );
  const { recipients } = await connection.send(envelope, message);
  connection.destroy();
  expect(heard).toBe("EHLO client.test");
  expect(recipients).toMatchObject([{ ok: true }]);
  expect(connection).toMatchObject({ mechanism: "PLAIN", capabilities: { size: null, starttls: false } });
  expect(connection.tls).toMatchObject({
    protocol: "TLSv1.3",
    chain: [{ altNames: ["mail.wire.test", "127.0.0.1"] }, {}],
  });
  expect(server.peers[0]!.heard).not.toContain("AUTH");
  expect(steps.map(({ stage, ok }) => `${stage} ${ok}`)).toEqual(
    ["connect", "greeting", "ehlo", "starttls", "tls", "ehlo", "auth", "mail", "rcpt", "data", "content"].map(
      (stage) => `${stage} true`,
    ),
  );
  for (const { stage, bytesReceived } of steps.slice(1))
    expect([stage, bytesReceived > 0]).toEqual([stage, true]);
});

it("STARTTLS: a certificate of nobody we trust ends it before anything is said inside", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("STARTTLS");
    await peer.line();
    peer.say("220 go\r\n");
    tls.secured(peer);
  });
  const steps: Step[] = [];
  const failing = connect(
    tls.trusting(server.port, "starttls", { ca: [], onStep: (step) => void steps.push(step) }),
  );
  await expect(failing).rejects.toMatchObject({ facts: { stage: "tls", kind: "tls" } });
  expect(steps.at(-1)).toMatchObject({ stage: "tls", ok: false });
  expect(steps.filter(({ ok }) => !ok)).toHaveLength(1);
});

it("a pool resumes the TLS session on its next connection, by STARTTLS as from the first byte", async () => {
  for (const security of ["starttls", "tls"] as const) {
    const resumed: boolean[] = [];
    await using server = await serve(async (peer) => {
      if (security === "starttls") {
        await peer.ready("STARTTLS");
        await peer.line();
        peer.say("220 go\r\n");
      }
      const inside = tls.secured(peer);
      if (security === "tls") inside.say("220 hi\r\n");
      await inside.line();
      inside.say("250-mail.test\r\n250 AUTH PLAIN\r\n");
      await inside.line();
      inside.say("235 ok\r\n");
      await takeMail(inside);
      expect(await inside.line()).toBe("QUIT");
      inside.say("221 bye\r\n");
      inside.socket.end();
    });
    const pool = new SmtpPool({
      connect: tls.trusting(server.port, security, {
        onStep: (step) => {
          if (step.tls !== undefined) resumed.push(step.tls.resumed);
        },
      }),
      maxConnections: 1,
      maxMessagesPerConnection: 1,
    });
    for (let count = 0; count < 2; count += 1) {
      const { recipients } = await pool.send(envelope, message);
      expect(recipients).toMatchObject([{ ok: true }]);
    }
    await pool.close();
    expect(resumed).toEqual([false, true]);
  }
});

it("the caller's signal ends an opening wherever it stands, and leaves nothing open", async () => {
  for (const security of ["tls", "starttls"] as const) {
    const caller = new AbortController();
    await using server = await serve(async (peer) => {
      if (security === "starttls") {
        await peer.ready("STARTTLS");
        await peer.line();
        peer.say("220 go\r\n");
      }
      await peer.take(1);
      caller.abort();
    });
    const failing = connect(tls.trusting(server.port, security, { signal: caller.signal }));
    await expect(failing).rejects.toMatchObject({ facts: { kind: "aborted", code: "ABORTED" } });
    await server.peers[0]!.closed();
  }
});
