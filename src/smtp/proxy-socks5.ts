// A tunnel through a SOCKS5 proxy (RFC 1928), with a name and password where asked (RFC 1929).
// The proxy resolves the name: behind one, the machine itself often cannot.
import { isIP, type Socket } from "node:net";
import type { Deadline } from "./deadline.ts";
import { formatAddress } from "./happy-eyeballs.ts";
import type { ProxySetting } from "./options.ts";
import { ProxyReader, proxyRefused } from "./proxy-reader.ts";
import { Secrets } from "./secrets.ts";

const version = 5;
const method = { none: 0, password: 2, noneAcceptable: 0xff } as const;
const addressType = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** RFC 1928 §6. */
const replies: Readonly<Record<number, string>> = {
  1: "general failure",
  2: "not allowed by its rules",
  3: "network unreachable",
  4: "host unreachable",
  5: "connection refused",
  6: "TTL expired",
  7: "command not supported",
  8: "address type not supported",
};

/** Asks for a connection to `host:port`; afterwards the socket is the far end's. Rejects with an SmtpFailure of stage `proxy`. */
export async function connectThroughSocks5(
  socket: Socket,
  proxy: ProxySetting,
  host: string,
  port: number,
  deadline: Deadline,
): Promise<void> {
  const reader = new ProxyReader(socket, deadline, new Secrets());
  const methods = proxy.username === undefined ? [method.none] : [method.none, method.password];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  const choice = await reader.take(2);
  if (choice[0] !== version)
    throw proxyRefused("what answered is no SOCKS5 proxy", choice.toString("latin1"));
  if (choice[1] === method.password && proxy.username !== undefined) {
    socket.write(Buffer.concat([Buffer.from([1]), counted(proxy.username), counted(proxy.password ?? "")]));
    const status = (await reader.take(2))[1];
    if (status !== 0) throw proxyRefused("the SOCKS5 proxy refused the user name and password");
  } else if (choice[1] !== method.none) {
    throw proxyRefused(
      choice[1] === method.noneAcceptable && proxy.username === undefined
        ? "the SOCKS5 proxy asks for a user name and password"
        : "the SOCKS5 proxy accepts no sign-in that we have",
    );
  }
  socket.write(
    Buffer.concat([Buffer.from([version, 1, 0]), encodeHost(host), Buffer.from([port >> 8, port & 0xff])]),
  );
  const [answered, status = 1, , boundType] = await reader.take(4);
  if (answered !== version) throw proxyRefused("what answered is no SOCKS5 proxy");
  if (status !== 0)
    throw proxyRefused(
      `the SOCKS5 proxy could not connect to ${formatAddress(host, port)}: ${replies[status] ?? `error ${status}`}`,
    );
  await reader.take(await boundLength(reader, boundType));
  reader.release();
}

/** How many bytes of bound address and port follow (RFC 1928 §6). */
async function boundLength(reader: ProxyReader, type: number | undefined): Promise<number> {
  if (type === addressType.ipv4) return 4 + 2;
  if (type === addressType.ipv6) return 16 + 2;
  if (type === addressType.name) return (await reader.take(1))[0]! + 2;
  throw proxyRefused("the SOCKS5 proxy answered with an unknown kind of address");
}

function encodeHost(host: string): Buffer {
  const family = isIP(host);
  if (family === 4) return Buffer.from([addressType.ipv4, ...host.split(".").map(Number)]);
  if (family === 6) return Buffer.from([addressType.ipv6, ...ipv6Bytes(host)]);
  return Buffer.concat([Buffer.from([addressType.name]), counted(host)]);
}

function ipv6Bytes(host: string): number[] {
  // The URL parser normalises every written form, an embedded IPv4 address too, to groups of hex digits.
  const [left = "", right] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const head = groups(left);
  const tail = groups(right);
  const zeros = new Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** A length byte and the text; `checkProxy` has seen to it that it fits. */
function counted(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
