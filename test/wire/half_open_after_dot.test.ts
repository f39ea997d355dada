// The worst moment: the content has left whole, and then the other side is gone without a word, as when a
// machine loses power or a NAT forgets the connection. The message may be in the server's queue. Calling
// that "failed" sends it twice, calling it "sent" loses it.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { failureOf, sendOne, serve, settings } from "./server.ts";

/** Passes everything on until the final dot has gone through, then nothing in either direction, without closing. */
async function freezingProxy(target: number): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connectTcp(target, "127.0.0.1");
    sockets.push(near, far);
    let heard = "";
    let frozen = false;
    near
      .on("error", () => undefined)
      .on("data", (bytes) => {
        heard = (heard + bytes.toString("latin1")).slice(-64 * 1024);
        far.write(bytes);
        frozen ||= heard.endsWith("\r\n.\r\n");
      });
    far
      .on("error", () => undefined)
      .on("data", (bytes) => {
        if (!frozen) near.write(bytes);
      });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

it.each([
  [],
  ["PIPELINING"],
  ["PIPELINING", "SIZE 0", "8BITMIME"],
])("a connection half open after the final dot leaves the message unknown (%j %j %j)", async (...capabilities) => {
  let taken = "";
  await using server = await serve(async (peer) => {
    await peer.ready(...capabilities);
    await peer.envelope();
    taken = await peer.content();
    peer.say("250 2.0.0 queued\r\n");
  });
  const proxy = await freezingProxy(server.port);
  try {
    const facts = await failureOf(sendOne(settings(proxy.port, { timeouts: { final: 200 } })));
    expect(facts).toMatchObject({ stage: "content", kind: "timeout", certainty: "unknown" });
    expect(taken).toContain("hello");
  } finally {
    await proxy.close();
  }
});

it("the same with the last chunk of BDAT (RFC 3030)", async () => {
  await using server = await serve(async (peer) => {
    await peer.ready("PIPELINING", "CHUNKING");
    await peer.until("BDAT ");
    peer.say("250 ok\r\n250 ok\r\n");
    await peer.until("hello\r\n\r\nhello\r\n");
    peer.socket.resetAndDestroy();
  });
  const facts = await failureOf(sendOne(settings(server.port)));
  expect(facts).toMatchObject({ stage: "content", certainty: "unknown" });
});
