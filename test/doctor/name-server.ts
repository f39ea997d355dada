// The name server of a world (RFC 1035), over UDP and TCP: answers from its zone, or as it is told.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Running } from "./case.ts";
import type { PlacedWorld } from "./plan.ts";
import type { Records } from "./world.ts";

const types = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;
const results = { ok: 0, servfail: 2, nxdomain: 3, refused: 5 } as const;

export async function startNameServer(placed: PlacedWorld): Promise<Running> {
  const udp = createSocket("udp4");
  udp.on("message", (query, from) => {
    const answer = answerTo(query, placed);
    if (answer !== null) udp.send(answer, from.port, from.address);
  });
  udp.bind(53, placed.dns);
  await once(udp, "listening");
  const open = new Set<Socket>();
  const tcp = createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    let input = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      input = Buffer.concat([input, chunk]);
      while (input.length >= 2 && input.length >= 2 + input.readUInt16BE(0)) {
        const end = 2 + input.readUInt16BE(0);
        const answer = answerTo(input.subarray(2, end), placed);
        input = input.subarray(end);
        if (answer !== null) socket.write(Buffer.concat([number(2, answer.length), answer]));
      }
    });
  });
  tcp.listen(53, placed.dns);
  await once(tcp, "listening");
  return {
    close: () => {
      udp.close();
      for (const socket of open) socket.destroy();
      tcp.close();
    },
  };
}

/** Null says nothing at all. */
function answerTo(query: Buffer, { world, zone }: PlacedWorld): Buffer | null {
  const { name, type, end } = question(query);
  const { mood } = world.dns ?? {};
  const told = (code: keyof typeof results, records: readonly Buffer[] = []) =>
    message(query.subarray(0, end), results[code], records);
  if (mood === "servfail" || mood === "refused") return told(mood);
  if (typeof mood === "object")
    return told("ok", type === types.A ? [record(types.A, v4(mood.anything))] : []);
  const found = zone.get(name);
  if (found === undefined) {
    // A name above one that exists, exists (RFC 8020), and has nothing.
    const isAbove = [...zone].some(([other, records]) => records !== null && other.endsWith(`.${name}`));
    return told(isAbove ? "ok" : "nxdomain");
  }
  if (found === null) return told("nxdomain");
  if (found.fails === "silent") return null;
  if (found.fails === "servfail") return told("servfail");
  return told("ok", recordsOf(found, type, zone));
}

function recordsOf(found: Records, type: number, zone: PlacedWorld["zone"]): readonly Buffer[] {
  if (found.cname !== undefined) {
    const target = zone.get(found.cname);
    const alias = record(types.CNAME, encoded(found.cname));
    if (type === types.CNAME || target === undefined || target === null) return [alias];
    const owner = encoded(found.cname);
    return [alias, ...recordsOf(target, type, zone).map((one) => Buffer.concat([owner, one.subarray(2)]))];
  }
  switch (type) {
    case types.A:
      return (found.a ?? []).map((address) => record(types.A, v4(address)));
    case types.AAAA:
      return (found.aaaa ?? []).map((address) => record(types.AAAA, v6(address)));
    case types.TXT:
      return (found.txt ?? []).map((text) => record(types.TXT, strings(text)));
    case types.MX:
      return (found.mx ?? []).map((host, index) =>
        record(types.MX, Buffer.concat([number(2, 10 * (index + 1)), encoded(host)])),
      );
    default:
      return [];
  }
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

/** The question is repeated, its additional section is not (RFC 6891 §7 lets a server do so). */
function message(query: Buffer, code: number, records: readonly Buffer[]): Buffer {
  const head = Buffer.from(query);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, ...records]);
}

/** Its owner is the name in question; a minute to live. */
function record(type: number, content: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0xc0, 0x0c]),
    number(2, type),
    number(2, 1),
    number(4, 60),
    number(2, content.length),
    content,
  ]);
}

function encoded(name: string): Buffer {
  const labels = name.split(".").flatMap((label) => [number(1, label.length), Buffer.from(label, "latin1")]);
  return Buffer.concat([...labels, number(1, 0)]);
}

/** RFC 1035 §3.3.14: strings of at most 255 bytes. */
function strings(text: string): Buffer {
  const bytes = Buffer.from(text);
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255);
    parts.push(number(1, part.length), part);
  }
  return Buffer.concat(parts);
}

const v4 = (address: string) => Buffer.from(address.split(".").map(Number));

function v6(address: string): Buffer {
  const [left = "", right] = address.split("::");
  const groups = (text: string | undefined) => (text === undefined || text === "" ? [] : text.split(":"));
  const [head, tail] = [groups(left), groups(right)];
  const all = [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  return Buffer.concat(all.map((group) => number(2, Number.parseInt(group, 16))));
}

function number(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
