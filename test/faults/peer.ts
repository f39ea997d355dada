// The server that mail leaves for: takes everything, but for what its rules and the recipients' addresses ask, and counts.
import { onTestFinished } from "vitest";
import { withAddressFaults } from "../../src/sandbox/faults.ts";
import type { Rules } from "../../src/sandbox/rules.ts";
import { catcherRules } from "../../src/sandbox/sandbox.ts";
import { type ServerTls, type SmtpServer, startServer } from "../../src/sandbox/server.ts";
import type { Security } from "../../src/smtp/endpoint.ts";
import type { Taken } from "./ledger.ts";
import type { Trial } from "./trial.ts";

export interface PeerOptions {
  /** In place of the catcher's. */
  readonly rules?: Partial<Rules>;
  readonly security?: Security;
  readonly tls?: ServerTls;
  /** Called with each message taken, and its bytes. */
  readonly onTaken?: (taken: Taken, source: () => Buffer) => void;
}

export interface Peer {
  readonly port: number;
  /** In order. */
  readonly taken: readonly Taken[];
  readonly counts: SmtpServer["counts"];
  /** Connections that were open at one time, at most. */
  readonly mostOpen: number;
  close(): Promise<void>;
}

/** Listens on loopback; recipients at `fault.test` ask for the fault that they name. */
export async function startPeer(trial: Trial, options: PeerOptions = {}): Promise<Peer> {
  const taken: Taken[] = [];
  const { tls, security = tls === undefined ? "none" : "tls" } = options;
  const rules = withAddressFaults({
    ...catcherRules({ catcher: null, ...(tls === undefined ? {} : { tls }) }),
    ...options.rules,
  });
  let mostOpen = 0;
  const server: SmtpServer = await startServer({
    listeners: [{ security }],
    ...(tls === undefined ? {} : { tls }),
    rules: {
      ...rules,
      connected: (facts) => {
        void settled().then(() => {
          mostOpen = Math.max(mostOpen, server.counts.open);
        });
        return rules.connected?.(facts) ?? null;
      },
      content: (facts, message) => {
        const effect = rules.content?.(facts, message) ?? null;
        const refused = effect?.do === "answer" && effect.answer.code >= 400;
        if (!refused) {
          const { from, to } = message.envelope;
          const messageId = messageIdOf(message.source());
          const { id: connection, hello } = facts;
          const one: Taken = { messageId, from, to, connection, client: hello ?? "", at: performance.now() };
          taken.push(one);
          trial.ledger.take(one);
          options.onTaken?.(one, message.source);
        }
        trial.changed();
        return effect;
      },
    },
  });
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= server.close();
    return closing;
  };
  onTestFinished(close);
  return {
    port: server.endpoints[0]!.port,
    taken,
    counts: server.counts,
    get mostOpen() {
      return mostOpen;
    },
    close,
  };
}

/** Turns of the loop in which the end of a connection, come together with the next one's beginning, is seen. */
const turns = 8;

async function settled(): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
}

function messageIdOf(source: Buffer): string {
  const found = /^Message-ID: (.*)\r$/im.exec(source.toString("latin1"))?.[1];
  if (found === undefined) throw new Error("a message came without a Message-ID");
  return found;
}
