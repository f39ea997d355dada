// Commands in groups (RFC 2920): what is written together, and that each reply finds its command.
import { describe, expect, it } from "vitest";
import type { SendResult } from "../../src/smtp/result.ts";
import { envelope, message, type Peer, serve, settings, withConnection } from "./server.ts";

const group = "MAIL FROM:<from@wire.test>\r\nRCPT TO:<to@wire.test>\r\nDATA\r\n";
const both = { from: "from@wire.test", to: [{ address: "one@wire.test" }, { address: "two@wire.test" }] };

/** For each recipient `ok`, or stage and code of the refusal. */
function outcomes({ recipients }: SendResult): string[] {
  return recipients.map((recipient) => {
    if (recipient.ok) return "ok";
    const { stage, code, reply, certainty } = recipient.failure.facts;
    return `${stage} ${code ?? reply?.code} ${certainty}`;
  });
}

/** Sends `count` messages as fast as the connection takes them, against a server that plays `script` after EHLO. */
async function play(script: (peer: Peer) => Promise<void>, count = 1, to = envelope): Promise<string[][]> {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await script(peer);
  });
  return await withConnection(settings(server.port), async (connection) => {
    const results = Array.from({ length: count }, () => connection.send(to, message));
    return (await Promise.all(results)).map(outcomes);
  });
}

it("the envelope is one write, and the next envelope stands behind the content before it", async () => {
  const heard: string[] = [];
  const results = await play(async (peer) => {
    heard.push(await peer.chunk());
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
    heard.push(await peer.chunk());
    peer.say("250 first\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    heard.push(await peer.chunk());
    peer.say("250 second\r\n");
  }, 2);
  expect(heard).toEqual([group, `${message}.\r\n${group}`, `${message}.\r\n`]);
  expect(results).toEqual([["ok"], ["ok"]]);
});

it("replies that come all at once each find their message", async () => {
  const results = await play(async (peer) => {
    await peer.until("DATA\r\n");
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
    await peer.until(".\r\nMAIL");
    await peer.until("DATA\r\n");
    peer.say("554 5.7.1 spam\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    await peer.content();
    peer.say("250 second\r\n");
  }, 2);
  expect(results).toEqual([["content 554 not-accepted"], ["ok"]]);
});

it("without PIPELINING every command waits for the reply to the one before", async () => {
  const heard: string[] = [];
  await using server = await serve(async (peer) => {
    await peer.ready();
    for (const answer of ["250 ok", "250 ok", "354 go", "250 queued"]) {
      heard.push(await peer.chunk());
      peer.say(`${answer}\r\n`);
    }
  });
  await withConnection(settings(server.port), async (connection) => {
    expect(outcomes(await connection.send(envelope, message))).toEqual(["ok"]);
  });
  expect(heard).toEqual([...group.split(/(?<=\n)/), `${message}.\r\n`]);
});

it("answers to commands that were not yet written count for nothing", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready();
    await peer.line();
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n");
  });
  await withConnection(settings(server.port), async (connection) => {
    expect(outcomes(await connection.send(envelope, message))).toEqual([
      "rcpt UNEXPECTED_REPLY not-accepted",
    ]);
  });
  expect(server.peers[0]!.heard).not.toContain("RCPT");
});

describe("in a group", () => {
  it("a refused recipient does not keep the other from its mail", async () => {
    const results = await play(
      async (peer) => {
        await peer.until("DATA\r\n");
        peer.say("250 ok\r\n550 5.1.1 unknown\r\n250 ok\r\n354 go\r\n");
        await peer.content();
        peer.say("250 queued\r\n");
      },
      1,
      both,
    );
    expect(results).toEqual([["rcpt 550 not-accepted", "ok"]]);
  });

  it("a server that wants content though it refused everyone gets a lone dot", async () => {
    let heard = "";
    const results = await play(
      async (peer) => {
        await peer.until("DATA\r\n");
        peer.say("250 ok\r\n550 5.1.1 one\r\n452 4.5.3 two\r\n354 go\r\n");
        heard = await peer.until(".\r\n");
        peer.say("554 no valid recipients\r\n");
      },
      1,
      both,
    );
    expect(heard).toBe(".\r\n");
    expect(results).toEqual([["rcpt 550 not-accepted", "rcpt 452 not-accepted"]]);
  });

  it("a server that takes the lone dot has taken nothing", async () => {
    const results = await play(async (peer) => {
      await peer.until("DATA\r\n");
      peer.say("250 ok\r\n550 5.1.1 unknown\r\n354 go\r\n");
      await peer.until(".\r\n");
      peer.say("250 queued\r\n");
    });
    expect(results).toEqual([["rcpt 550 not-accepted"]]);
  });

  it("everyone refused and DATA too: RSET comes before the next envelope, in one write", async () => {
    let heard = "";
    const results = await play(async (peer) => {
      await peer.until("DATA\r\n");
      peer.say("250 ok\r\n550 5.1.1 unknown\r\n503 no recipients\r\n");
      heard = await peer.chunk();
      peer.say("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n");
      await peer.content();
      peer.say("250 queued\r\n");
    }, 2);
    expect(heard).toBe(`RSET\r\n${group}`);
    expect(results).toEqual([["rcpt 550 not-accepted"], ["ok"]]);
  });

  it("a refused sender is everyone's failure, whatever the replies behind it say", async () => {
    const results = await play(
      async (peer) => {
        await peer.until("DATA\r\n");
        peer.say("550 5.7.1 sender\r\n250 ok\r\n503 bad\r\n354 go\r\n");
        expect(await peer.until(".\r\n")).toBe(".\r\n");
        peer.say("554 nothing\r\n");
      },
      1,
      both,
    );
    expect(results).toEqual([["mail 550 not-accepted", "mail 550 not-accepted"]]);
  });

  it("DATA refused is the failure of those who were taken", async () => {
    const results = await play(
      async (peer) => {
        await peer.until("DATA\r\n");
        peer.say("250 ok\r\n550 5.1.1 one\r\n250 ok\r\n451 4.3.0 later\r\n");
        await peer.line();
        peer.say("250 reset\r\n");
      },
      1,
      both,
    );
    expect(results).toEqual([["rcpt 550 not-accepted", "data 451 not-accepted"]]);
  });
});

it("no RSET stands between messages that went well", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    for (let count = 0; count < 3; count += 1) {
      await peer.until("DATA\r\n");
      peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
      await peer.content();
      peer.say("250 queued\r\n");
    }
  });
  await withConnection(settings(server.port), async (connection) => {
    for (let count = 0; count < 3; count += 1) {
      expect(outcomes(await connection.send(envelope, message))).toEqual(["ok"]);
    }
  });
  expect(server.peers[0]!.heard).not.toContain("RSET");
});

it("a third message at a time is the caller's mistake", async () => {
  await using server = await serve((peer) => peer.ready("PIPELINING"));
  await withConnection(settings(server.port), async (connection) => {
    const sends = [connection.send(envelope, message), connection.send(envelope, message)];
    await expect(connection.send(envelope, message)).rejects.toThrow(RangeError);
    connection.destroy();
    expect((await Promise.all(sends)).map(outcomes)).toEqual([
      ["mail ABORTED not-accepted"],
      ["mail ABORTED not-accepted"],
    ]);
  });
});

it("a content of 6 MB arrives whole, though the server reads late and another message waits behind it", async () => {
  const large = Buffer.concat(
    Array.from({ length: 6_000 }, (_, line) =>
      Buffer.from(`${line % 7 === 0 ? "." : ""}${line}`.padEnd(998, "x").concat("\r\n")),
    ),
  );
  let heard = "";
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.socket.pause();
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
    setImmediate(() => peer.socket.resume());
    heard = await peer.content();
    await peer.until("DATA\r\n");
    peer.say("250 first\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    await peer.content();
    peer.say("250 second\r\n");
  });
  await withConnection(settings(server.port), async (connection) => {
    const results = await Promise.all([connection.send(envelope, large), connection.send(envelope, message)]);
    expect(results.map(outcomes)).toEqual([["ok"], ["ok"]]);
  });
  const expected = large.toString("latin1").replaceAll("\r\n.", "\r\n..").replace(/^\./, "..");
  expect(heard === `${expected}.\r\n`).toBe(true);
});

it("a content that nobody takes ends by the block timeout, and is not accepted", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.socket.pause();
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
  });
  const large = Buffer.alloc(30_000_000, "x\r\n");
  await withConnection(settings(server.port, { timeouts: { block: 200 } }), async (connection) => {
    expect(outcomes(await connection.send(envelope, large))).toEqual(["content TIMEOUT not-accepted"]);
  });
});

it("a refusal in the midst of the content ends it, and the message is not accepted", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING");
    await peer.until("DATA\r\n");
    peer.say("250 ok\r\n250 ok\r\n354 go\r\n");
    await peer.take(100_000);
    peer.socket.pause();
    peer.say("552 5.3.4 too large\r\n");
  });
  const large = Buffer.alloc(30_000_000, "x\r\n");
  await withConnection(settings(server.port), async (connection) => {
    expect(outcomes(await connection.send(envelope, large))).toEqual(["content 552 not-accepted"]);
    expect(connection.alive).toBe(false);
  });
});
