// TLS says goodbye by close_notify; firewalls, crashed servers and careless ones end the TCP connection
// without it. That is an end like any other: before the final dot nothing was accepted, after it nobody knows,
// and what was answered before stays answered.
import type { Socket } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { connect, SmtpPool } from "../../src/smtp/client.ts";
import type { Step } from "../../src/smtp/steps.ts";
import { envelope, failureOf, message, type Peer, serve, withConnection } from "./server.ts";
import { serveTls, type TlsServing } from "./tls.ts";

let tls: TlsServing;
beforeAll(async () => {
  tls = await serveTls();
});

type Play = (peer: Peer) => Promise<unknown>;

/** Answers MAIL, and so on, with these, each to one line. */
function answering(...answers: readonly string[]): Play {
  return async (peer) => {
    for (const answer of answers) {
      await peer.line();
      peer.say(`${answer}\r\n`);
    }
  };
}

const signedIn = answering("250-mail.test\r\n250 AUTH PLAIN", "235 welcome");

/** What was written is on its way before the connection is cut. */
async function flushed({ socket }: Peer): Promise<void> {
  while (socket.writableLength > 0) await new Promise(setImmediate);
}

const ways: readonly [string, (raw: Socket) => void][] = [
  ["closed", (raw) => raw.destroy()],
  ["reset", (raw) => raw.resetAndDestroy()],
];

/** What the server does before it cuts; the stage and the certainty that the client must tell. */
const cuts: readonly [string, string, "not-accepted" | "unknown", Play][] = [
  ["before the greeting", "greeting", "not-accepted", async () => undefined],
  ["in the greeting", "greeting", "not-accepted", async (peer) => peer.say("220 mail")],
  [
    "before the answer to EHLO",
    "ehlo",
    "not-accepted",
    async (peer) => {
      peer.say("220 mail.test\r\n");
      await peer.line();
    },
  ],
  [
    "in the answer to EHLO",
    "ehlo",
    "not-accepted",
    async (peer) => {
      peer.say("220 mail.test\r\n");
      await peer.line();
      peer.say("250-mail.test\r\n250-AU");
    },
  ],
  [
    "before the answer to AUTH",
    "auth",
    "not-accepted",
    async (peer) => {
      peer.say("220 mail.test\r\n");
      await answering("250-mail.test\r\n250 AUTH PLAIN")(peer);
      await peer.line();
    },
  ],
  ...(
    [
      ["before the answer to MAIL", "mail", "not-accepted", (peer) => peer.line()],
      [
        "before the answer to RCPT",
        "rcpt",
        "not-accepted",
        async (peer) => {
          await answering("250 sender")(peer);
          await peer.line();
        },
      ],
      [
        "before the answer to DATA",
        "data",
        "not-accepted",
        async (peer) => {
          await answering("250 sender", "250 recipient")(peer);
          await peer.line();
        },
      ],
      [
        "before the answer to the final dot",
        "content",
        "unknown",
        async (peer) => {
          await peer.envelope();
          await peer.content();
        },
      ],
      [
        "in the answer to the final dot",
        "content",
        "unknown",
        async (peer) => {
          await peer.envelope();
          await peer.content();
          peer.say("250-2.0.0 queued\r\n250 2.0");
        },
      ],
    ] as readonly [string, string, "not-accepted" | "unknown", Play][]
  ).map(([when, stage, certainty, play]): [string, string, "not-accepted" | "unknown", Play] => [
    when,
    stage,
    certainty,
    async (peer) => {
      peer.say("220 mail.test\r\n");
      await signedIn(peer);
      await play(peer);
    },
  ]),
];

describe.each(ways)("%s", (how, cut) => {
  it.each(cuts)("%s", async (_, stage, certainty, play) => {
    await using server = await serve(async (peer) => {
      const inside = tls.secured(peer);
      await play(inside);
      await flushed(inside);
      cut(peer.socket);
    });
    const sending = connect(tls.trusting(server.port, "tls")).then(async (connection) => {
      try {
        return await connection.send(envelope, message);
      } finally {
        connection.destroy();
      }
    });
    const facts = await failureOf(sending);
    expect(facts).toMatchObject({ kind: "socket", certainty });
    // A reset throws away what was not read yet, and with it the end of the handshake.
    if (how === "reset") expect(["tls", "connect", ...earlier(stage)]).toContain(facts.stage);
    else expect(stage === "greeting" ? ["tls", "greeting"] : [stage]).toContain(facts.stage);
  });

  it("in the handshake, from the first byte and by STARTTLS", async () => {
    for (const security of ["tls", "starttls"] as const) {
      await using server = await serve(async (peer) => {
        if (security === "starttls") {
          await peer.ready("STARTTLS");
          await peer.line();
          peer.say("220 go\r\n");
        }
        // The first bytes of the client's hello.
        await peer.take(5);
        cut(peer.socket);
      });
      const facts = await failureOf(connect(tls.trusting(server.port, security)));
      expect(facts).toMatchObject({ stage: "tls", kind: "socket", peer: `127.0.0.1:${server.port}` });
    }
  });

  it("in the midst of the content", async () => {
    const large = Buffer.alloc(8 * 1024 * 1024, "x");
    await using server = await serve(async (peer) => {
      const inside = tls.secured(peer);
      inside.say("220 mail.test\r\n");
      await signedIn(inside);
      await inside.envelope();
      await inside.until("xxxx");
      cut(peer.socket);
    });
    await withConnection(tls.trusting(server.port, "tls"), async (connection) => {
      const facts = await failureOf(connection.send(envelope, large));
      expect(facts).toMatchObject({ stage: "content", kind: "socket", certainty: "not-accepted" });
    });
  });

  it("between two messages: the second goes out on a new connection, with the session resumed", async () => {
    const resumed: boolean[] = [];
    await using server = await serve(async (peer) => {
      const first = server.peers.length === 1;
      const inside = tls.secured(peer);
      inside.say("220 mail.test\r\n");
      await signedIn(inside);
      await inside.envelope();
      await inside.content();
      inside.say("250 queued\r\n");
      await flushed(inside);
      if (!first) {
        inside.socket.end();
        return;
      }
      // Cut while the next message is on its way, so that the client cannot know before.
      await inside.line();
      cut(peer.socket);
    });
    const onStep = (step: Step) => {
      if (step.tls !== undefined) resumed.push(step.tls.resumed);
    };
    const pool = new SmtpPool({ connect: tls.trusting(server.port, "tls", { onStep }), maxConnections: 1 });
    for (let count = 0; count < 2; count += 1) {
      expect((await pool.send(envelope, message)).recipients).toMatchObject([{ ok: true }]);
    }
    await pool.close();
    expect(server.peers).toHaveLength(2);
    expect(resumed).toEqual([false, true]);
  });
});

it("an answer to the final dot counts though the connection is cut right behind it", async () => {
  await using server = await serve(async (peer) => {
    const inside = tls.secured(peer);
    inside.say("220 mail.test\r\n");
    await signedIn(inside);
    await inside.envelope();
    await inside.content();
    inside.say("250 2.0.0 queued\r\n");
    await flushed(inside);
    peer.socket.destroy();
  });
  await withConnection(tls.trusting(server.port, "tls"), async (connection) => {
    expect((await connection.send(envelope, message)).recipients).toMatchObject([{ ok: true }]);
  });
});

/** Where a failure may show that was brought about in this stage. */
function earlier(stage: string): readonly string[] {
  const all = ["greeting", "ehlo", "auth", "mail", "rcpt", "data", "content"];
  return all.slice(0, all.indexOf(stage) + 1);
}
