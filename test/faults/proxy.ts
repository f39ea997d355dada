// Stands between an application and a server, passes everything on, and breaks a connection at one point of its dialogue.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What becomes of the connection; the server's end is closed once the client has let go, or at once. */
export type Fate =
  /** Closed in good order. */
  | "close"
  /** RST. */
  | "reset"
  /** Both sockets stay open, and nothing gets through any more. */
  | "freeze"
  /** From here on a byte a second, both ways. */
  | "drip";

/**
 * Where: at the nth command or reply of the connection, counted from 0, where the content counts as one command; or
 * after so many bytes of the client's, for what cannot be read.
 */
export type Point =
  | { readonly side: "command" | "reply"; readonly nth: number; readonly part: "before" | "in" | "after" }
  | { readonly side: "bytes"; readonly count: number };

export interface Break {
  readonly point: Point;
  readonly fate: Fate;
}

export interface Proxy {
  readonly port: number;
  /** Connections that came so far. */
  readonly connections: number;
  /** Connections that met their fate. */
  readonly broken: number;
}

/** `breaks[n]` is for the nth connection; those without one pass through untouched. */
export async function startProxy(target: number, breaks: readonly (Break | null)[]): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let broken = 0;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: "127.0.0.1", port: target, noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      // A reset is what is tried here; `close` follows.
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    join(near, far, breaks[connections] ?? null, () => {
      broken += 1;
    });
    connections += 1;
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((closed) => server.close(closed));
  });
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    get broken() {
      return broken;
    },
  };
}

function join(near: Socket, far: Socket, plan: Break | null, onBroken: () => void): void {
  const link = new Link(near, far, onBroken);
  if (plan === null) {
    near.on("data", (bytes: Buffer) => link.toFar(bytes));
    far.on("data", (bytes: Buffer) => link.toNear(bytes));
  } else if (plan.point.side === "bytes") breakAtByte(link, near, far, plan.point.count, plan.fate);
  else breakAtUnit(link, near, far, plan.point, plan.fate);
}

/** What gets through between two sockets. */
class Link {
  toNear: (bytes: Buffer) => void;
  toFar: (bytes: Buffer) => void;
  broken = false;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #onBroken: () => void;

  constructor(near: Socket, far: Socket, onBroken: () => void) {
    this.#near = near;
    this.#far = far;
    this.#onBroken = onBroken;
    this.toNear = (bytes) => near.write(bytes);
    this.toFar = (bytes) => far.write(bytes);
    near.on("close", () => (this.broken ? far.destroy() : far.end()));
    far.on("close", () => {
      if (!this.broken) near.end();
    });
  }

  meet(fate: Fate): void {
    this.broken = true;
    this.#onBroken();
    if (fate === "drip") {
      this.toNear = slowly(this.#near);
      this.toFar = slowly(this.#far);
      return;
    }
    this.toNear = () => undefined;
    this.toFar = () => undefined;
    if (fate === "freeze") return;
    if (fate === "close") this.#near.end();
    else this.#near.resetAndDestroy();
    // The server still takes what has come before.
    this.#far.end();
  }
}

function breakAtByte(link: Link, near: Socket, far: Socket, count: number, fate: Fate): void {
  let left = count;
  near.on("data", (bytes: Buffer) => {
    link.toFar(bytes.subarray(0, Math.max(0, left)));
    left -= bytes.length;
    if (left <= 0 && !link.broken) link.meet(fate);
  });
  far.on("data", (bytes: Buffer) => link.toNear(bytes));
}

type UnitPoint = Extract<Point, { readonly nth: number }>;

function breakAtUnit(link: Link, near: Socket, far: Socket, point: UnitPoint, fate: Fate): void {
  /** Whether the server has asked for the content. */
  let asked = false;
  const commands = new Units(() => (asked ? "\r\n.\r\n" : "\r\n"));
  const replies = new Units(() => "\r\n");
  const carry = (side: UnitPoint["side"], piece: Piece, forward: (bytes: Buffer) => void) => {
    const here = !link.broken && point.side === side && point.nth === piece.unit;
    const { bytes } = piece;
    if (here && point.part === "before") link.meet(fate);
    const half = here && point.part === "in" ? Math.ceil(bytes.length / 2) : bytes.length;
    forward(bytes.subarray(0, half));
    if (here && (point.part === "in" || (point.part === "after" && piece.last))) link.meet(fate);
    forward(bytes.subarray(half));
    if (side === "reply" && piece.last) asked = bytes.toString("latin1").startsWith("354");
  };
  near.on("data", (bytes: Buffer) => {
    for (const piece of commands.take(bytes)) carry("command", piece, (part) => link.toFar(part));
  });
  far.on("data", (bytes: Buffer) => {
    for (const piece of replies.take(bytes)) carry("reply", piece, (part) => link.toNear(part));
  });
}

/** A byte a second, for as long as the socket is there. */
function slowly(socket: Socket): (bytes: Buffer) => void {
  let queue: Buffer = Buffer.alloc(0);
  const timer = setInterval(() => {
    if (queue.length === 0) return;
    socket.write(queue.subarray(0, 1));
    queue = queue.subarray(1);
  }, 1_000);
  socket.on("close", () => clearInterval(timer));
  return (bytes) => {
    queue = Buffer.concat([queue, bytes]);
  };
}

interface Piece {
  readonly bytes: Buffer;
  /** Which unit it belongs to. */
  readonly unit: number;
  /** Whether the unit ends with it. */
  readonly last: boolean;
}

/** Divides one direction of a dialogue into commands or replies. */
class Units {
  readonly #mark: () => string;
  #unit = 0;
  #tail = "";
  #line = "";

  /** `mark` says what the unit that begins now ends with. */
  constructor(mark: () => string) {
    this.#mark = mark;
  }

  take(bytes: Buffer): readonly Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const character = String.fromCharCode(bytes[at]!);
      this.#tail = (this.#tail + character).slice(-5);
      this.#line += character;
      const lineEnds = this.#tail.endsWith("\r\n");
      // The first lines of a reply of several are not its end (RFC 5321 §4.2.1).
      const goesOn = lineEnds && /^\d{3}-/.test(this.#line);
      if (lineEnds) this.#line = "";
      if (!this.#tail.endsWith(this.#mark()) || goesOn) continue;
      pieces.push({ bytes: bytes.subarray(from, at + 1), unit: this.#unit, last: true });
      from = at + 1;
      this.#unit += 1;
      this.#tail = "";
    }
    if (from < bytes.length) pieces.push({ bytes: bytes.subarray(from), unit: this.#unit, last: false });
    return pieces;
  }
}
