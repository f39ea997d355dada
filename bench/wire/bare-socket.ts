// What the runtime itself can do: the envelope of the next message in one write with the content of this one,
// no checks, no settings, no errors worth the name. The ceiling of the benchmark, not a client.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { from, readyMade, to } from "./message.ts";
import type { SenderSetting } from "./sender.ts";

const envelope = Buffer.from(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
const content = Buffer.concat([readyMade, Buffer.from(".\r\n")]);
const contentAndEnvelope = Buffer.concat([content, envelope]);

export function barePipelining({ port, ca, connections }: SenderSetting): (count: number) => Promise<void> {
  return async (count) => {
    let left = count;
    const take = () => left-- > 0;
    await Promise.all(Array.from({ length: connections }, () => pump(open(port, ca), take)));
  };
}

function open(port: number, ca: string | null): Socket {
  const socket = ca === null ? connectTcp(port, "127.0.0.1") : connectTls({ host: "127.0.0.1", port, ca });
  return socket.setNoDelay(true);
}

function pump(socket: Socket, take: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    let greeted = false;
    let ready = false;
    /** Envelopes and contents whose last reply is to come. */
    let contents = 0;
    socket.on("error", reject).on("close", resolve);
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        if (line[3] === "-") continue;
        if (!greeted) {
          greeted = true;
          socket.write("EHLO bench.test\r\n");
        } else if (!ready) {
          ready = true;
          if (take()) socket.write(envelope);
          else socket.end("QUIT\r\n");
        } else if (line.startsWith("354")) {
          contents = take() ? 0 : 1;
          socket.write(contents === 1 ? content : contentAndEnvelope);
        } else if (!line.startsWith("2")) {
          reject(new Error(line));
        } else if (contents === 1) {
          contents = 0;
          socket.end("QUIT\r\n");
        }
      }
    });
  });
}
