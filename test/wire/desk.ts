// A server that holds every message until a test lets it go, and shows which connection has which.
import { type Peer, type ScriptedServer, serve } from "./server.ts";

/** What one connection has under way. */
export interface Seat {
  readonly peer: Peer;
  /** Local part of the sender of the message that is under way, from MAIL to the last answer. */
  readonly busy: string | null;
  /** Local parts of the senders of messages whose content has come and was not answered, in order. */
  readonly held: string[];
  /** Answers the oldest of them. */
  answer(reply?: string): void;
}

export interface Desk extends AsyncDisposable {
  readonly port: number;
  /** Of connections that stand, in the order of their greeting. */
  readonly seats: readonly Seat[];
  /** Local parts of all senders whose content came, in order. */
  readonly taken: readonly string[];
  /** Connections that the client has made and nobody has ended, let in or not. */
  readonly connections: number;
  /** Resolves as soon as `met` is true, which is looked at whenever something has happened. */
  when(met: () => boolean): Promise<void>;
  /** Calls whenever something has happened. */
  watch(look: () => void): void;
  /** Answers everything that is held, and whatever comes from now on. */
  release(): void;
}

/** `greet` may wait before it lets a connection in. */
export async function desk(
  greet: (peer: Peer, count: number) => Promise<void> | void = () => undefined,
  capabilities: readonly string[] = ["PIPELINING"],
): Promise<Desk> {
  const seats = new Set<Seat>();
  const taken: string[] = [];
  const watchers = new Set<() => void>();
  let open = false;
  const happened = () => {
    for (const look of [...watchers]) look();
  };
  const server: ScriptedServer = await serve(async (peer) => {
    const greeting = greet(peer, server.peers.length);
    happened();
    await greeting;
    if (peer.socket.destroyed) return;
    await peer.ready(...capabilities);
    const held: string[] = [];
    let from: string | null = null;
    const seat: Seat = {
      peer,
      held,
      get busy() {
        return from;
      },
      answer(reply = "250 queued") {
        held.shift();
        from = null;
        peer.say(`${reply}\r\n`);
        happened();
      },
    };
    seats.add(seat);
    peer.socket.once("close", () => {
      seats.delete(seat);
      happened();
    });
    happened();
    for (let line = await peer.line(); line !== ""; line = await peer.line()) {
      if (line.startsWith("MAIL")) {
        from = /<(.*)@/.exec(line)![1]!;
        happened();
      }
      if (line === "QUIT") {
        peer.say("221 bye\r\n");
        peer.socket.end();
      } else if (line === "DATA") {
        peer.say("354 go\r\n");
        await peer.content();
        if (peer.socket.destroyed) return;
        held.push(from ?? "");
        taken.push(from ?? "");
        happened();
        if (open) seat.answer();
        // The reply to what comes behind a content comes behind the reply to the content.
        while (held.length > 0 && !peer.socket.destroyed) await changed();
      } else peer.say("250 ok\r\n");
    }
  });

  function changed(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
    });
  }

  return {
    port: server.port,
    get seats() {
      return [...seats].filter(({ peer }) => !peer.socket.destroyed);
    },
    taken,
    get connections() {
      return server.peers.filter(({ socket }) => !socket.destroyed && !socket.writableEnded).length;
    },
    async when(met) {
      while (!met()) await changed();
    },
    watch(look) {
      watchers.add(look);
    },
    release() {
      open = true;
      for (const seat of seats) if (seat.held.length > 0) seat.answer();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      happened();
    },
  };
}
