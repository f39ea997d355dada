// A tunnel through an HTTP proxy: CONNECT (RFC 9110 §9.3.6), Basic sign-in (RFC 7617).
import type { Socket } from "node:net";
import type { Deadline } from "./deadline.ts";
import { formatAddress } from "./happy-eyeballs.ts";
import type { ProxySetting } from "./options.ts";
import { ProxyReader, proxyRefused } from "./proxy-reader.ts";
import { Secrets } from "./secrets.ts";

/** More than any proxy says in its response head; what is longer is no proxy. */
const maxHeadBytes = 16 * 1024;

/** Asks for a tunnel to `host:port`; afterwards the socket is the far end's. Rejects with an SmtpFailure of stage `proxy`. */
export async function connectThroughHttp(
  socket: Socket,
  proxy: ProxySetting,
  host: string,
  port: number,
  deadline: Deadline,
): Promise<void> {
  const target = formatAddress(host, port);
  const headers = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  const secrets = new Secrets();
  if (proxy.username !== undefined) {
    const pair = Buffer.from(`${proxy.username}:${proxy.password ?? ""}`, "utf8").toString("base64");
    headers.push(`Proxy-Authorization: Basic ${pair}`);
    secrets.add(proxy.password ?? "");
    secrets.addLine(pair);
  }
  const reader = new ProxyReader(socket, deadline, secrets);
  socket.write(`${headers.join("\r\n")}\r\n\r\n`);
  const head = await reader.until("\r\n\r\n", maxHeadBytes);
  const statusLine = secrets.maskText(head.split("\r\n", 1)[0] ?? "");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) throw proxyRefused("what answered is no HTTP proxy", statusLine);
  if (!status.startsWith("2"))
    throw proxyRefused(`the proxy refused a tunnel to ${target}: ${statusLine}`, statusLine);
  reader.release();
}
