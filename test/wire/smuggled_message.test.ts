// "SMTP smuggling": content with an end of data in a form that some servers take for one (LF-dot-LF,
// CR-dot-CR, a dot behind a bare LF), followed by a second message with a forged sender. Whatever the
// content holds, the only end of data on the wire is ours.
import fc from "fast-check";
import { expect, it } from "vitest";
import { envelope, type Peer, serve, settings, withConnection } from "./server.ts";

async function acceptAll(peer: Peer): Promise<string[]> {
  const contents: string[] = [];
  await peer.ready("8BITMIME");
  while (!peer.socket.destroyed) {
    const command = await peer.line();
    if (command === "DATA") {
      peer.say("354 go on\r\n");
      contents.push(await peer.content());
      peer.say("250 queued\r\n");
    } else peer.say("250 ok\r\n");
  }
  return contents;
}

const forged = "MAIL FROM:<admin@wire.test>";

it.each([
  ["LF dot LF", "a\n.\nX"],
  ["LF dot CRLF", "a\n.\r\nX"],
  ["CRLF dot LF", "a\r\n.\nX"],
  ["CR dot CR", "a\r.\rX"],
  ["CRLF dot CR", "a\r\n.\rX"],
  ["CRLF dot CRLF", "a\r\n.\r\nX"],
  ["a dot at the beginning", ".\r\nX"],
  ["a dot at the end", "a\r\n."],
  ["CR CR LF dot CR CR LF", "a\r\r\n.\r\r\nX"],
  ["zero bytes around", "a\0\r\n.\r\n\0X"],
])("%s ends no message", async (_, trick) => {
  const content = Buffer.from(`Subject: x\r\n\r\n${trick}\r\n${forged}\r\n`);
  await using server = await serve(async (peer) => {
    await acceptAll(peer);
  });
  const result = await withConnection(settings(server.port), (connection) =>
    connection.send(envelope, content),
  );
  expect(result.recipients[0]!.ok).toBe(true);
  const heard = server.peers[0]!.heard;
  const data = heard.slice(heard.indexOf("DATA\r\n") + 6);
  expect(data).toMatch(/\r\n\.\r\n$/);
  expect(data.slice(0, -5)).not.toMatch(/(^|[\r\n])\.[\r\n]/);
  expect(data).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
  expect(heard.split("\r\n").filter((line) => line.startsWith("MAIL FROM"))).toContain(forged);
  expect(heard.match(/^MAIL FROM:<from@wire\.test>/gm)).toHaveLength(1);
});

it("whatever the content, the server gets exactly one message with that content", async () => {
  const nasty = fc.array(
    fc.oneof(
      fc.constantFrom("\r\n", "\n", "\r", ".", "..", "\r\n.", "\r\n.\r\n", "\0", "DATA", forged),
      fc.string(),
    ),
    { maxLength: 40 },
  );
  await using server = await serve(async (peer) => {
    await acceptAll(peer);
  });
  await withConnection(settings(server.port), async (connection) => {
    const peer = server.peers[0]!;
    await fc.assert(
      fc.asyncProperty(nasty, async (parts) => {
        const before = peer.heard.length;
        const content = parts.join("");
        const result = await connection.send(envelope, Buffer.from(content));
        expect(result.recipients[0]!.ok).toBe(true);
        const said = peer.heard.slice(before);
        const data = said.slice(said.indexOf("DATA\r\n") + 6, -".\r\n".length);
        const normal = Buffer.from(content)
          .toString("latin1")
          .replace(/\r\n|\r|\n/g, "\r\n");
        const whole = normal.endsWith("\r\n") ? normal : `${normal}\r\n`;
        expect(data.replace(/^\./gm, "")).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });
});
