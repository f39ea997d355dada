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
  const pass: Record<"near" | "far", (bytes: Buffer) => void> = {
    near: (bytes) => near.write(bytes),
    far: (bytes) => far.write(bytes),
  };
  let asked = false;
  let broken = false;
  const commands = new Units(() => (asked ? "\r\n.\r\n" : "\r\n"));
  const replies = new Units(() => "\r\n");
  const meet = (fate: Fate) => {
    broken = true;
    onBroken();
    switch (fate) {
      case "close":
        near.end();
        far.end();
        break;
      case "reset":
        near.resetAndDestroy();
        far.end();
        break;
      case "freeze":
        pass.near = pass.far = () => undefined;
        break;
      case "drip":
        pass.near = slowly(near);
        pass.far = slowly(far);
    }
  };
  const at = plan === null || plan.point.side === "bytes" ? null : plan.point;
  const carry = (
    side: "command" | "reply",
    units: Units,
    bytes: Buffer,
    forward: (bytes: Buffer) => void,
  ) => {
    for (const piece of units.take(bytes)) {
      const part = !broken && at?.side === side && at.nth === piece.unit ? at.part : null;
      if (part === "before") meet(plan!.fate);
      const half = part === "in" ? Math.ceil(piece.bytes.length / 2) : piece.bytes.length;
      if (!broken || plan!.fate === "drip") forward(piece.bytes.subarray(0, half));
      if (part === "in" || (part === "after" && piece.last)) {
        meet(plan!.fate);
        if (plan!.fate === "drip") forward(piece.bytes.subarray(half));
      }
      if (side === "reply" && piece.last) asked = piece.bytes.toString("latin1").startsWith("354");
    }
  };
  let left = plan?.point.side === "bytes" ? plan.point.count : Number.POSITIVE_INFINITY;
  near.on("data", (bytes: Buffer) => {
    if (at !== null) return carry("command", commands, bytes, (piece) => pass.far(piece));
    if (broken) return;
    pass.far(bytes.subarray(0, Math.min(left, bytes.length)));
    left -= bytes.length;
    if (left <= 0) meet(plan!.fate);
  });
  far.on("data", (bytes: Buffer) => {
    if (at !== null) carry("reply", replies, bytes, (piece) => pass.near(piece));
    else if (!broken) pass.near(bytes);
  });
  near.on("close", () => (broken ? far.destroy() : far.end()));
  far.on("close", () => {
    if (!broken) near.end();
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
