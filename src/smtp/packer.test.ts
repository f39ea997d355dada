import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, it } from "vitest";
import { Packer } from "./packer.ts";

it("leaves alone what the socket has not written yet, however full it is", async () => {
  const server = createServer({ pauseOnConnect: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const arriving = once(server, "connection");
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = await arriving;
  const packer = new Packer();
  const sent: string[] = [];
  let waited = false;
  for (let number = 0; number < 300; number += 1) {
    const pieces = [`${number} é `, Buffer.alloc(10 + (number % 7) * 8_000, String(number)), "\r\n"];
    const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
    packer.write(near, pieces, bytes + 100);
    sent.push(pieces.join(""));
    waited ||= near.writableLength > 0;
  }
  // Else nothing was put to the test.
  expect(waited).toBe(true);
  near.end();
  const chunks: Buffer[] = [];
  for await (const chunk of far) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString() === sent.join("")).toBe(true);
  server.close();
});
