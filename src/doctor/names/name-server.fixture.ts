// A name server of ours (RFC 1035 over UDP) that answers, refuses or stays silent as it is told.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

/** Addresses (those of the type asked for are given), a result code, or silence. */
export type Says = readonly string[] | "NXDOMAIN" | "SERVFAIL" | "REFUSED" | "silence";

/** What it says of a name, in lower case and without a closing dot. */
export type Zone = (name: string) => Says;

const codes = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const types: Readonly<Record<number, 4 | 6>> = { 1: 4, 28: 6 };

export interface NameServer {
  /** As a resolver takes it: `127.0.0.1:40053`. */
  readonly at: string;
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
}

/** On port 53 inside a network namespace, on one of the system's choice elsewhere. */
export async function startNameServer(zone: Zone, host = "127.0.0.1", port = 0): Promise<NameServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const { name, type, end } = question(query);
    asked.push(name);
    const says = zone(name);
    if (says !== "silence") socket.send(reply(query.subarray(0, end), type, says), from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, "listening");
  return {
    at: `${host}:${socket.address().port}`,
    asked,
    close: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

function question(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(query: Buffer, type: number, says: Exclude<Says, "silence">): Buffer {
  const code = typeof says === "string" ? codes[says] : 0;
  const family = types[type];
  const given = typeof says === "string" ? [] : says.filter((one) => (isIPv6(one) ? 6 : 4) === family);
  const head = Buffer.from(query);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(given.length, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, ...given.map((address) => record(type, bytesOf(address)))]);
}

/** The name as a pointer to the question (RFC 1035 §4.1.4), class IN, ten seconds. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 10, 0, data.length]);
  return Buffer.concat([head, data]);
}

function bytesOf(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  const [left = "", right = ""] = address.split("::");
  const groups = (half: string) =>
    half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(left), groups(right)];
  const middle = Array.from({ length: 8 - first.length - last.length }, () => 0);
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...first, ...middle, ...last].entries()) bytes.writeUInt16BE(group, at * 2);
  return bytes;
}
