// From an endpoint to a connection on which SMTP can be spoken.
import { isIP, type Socket } from "node:net";
import { Deadline } from "./deadline.ts";
import { SmtpFailure } from "./failure.ts";
import { type Connected, connectFirst, formatAddress } from "./happy-eyeballs.ts";
import type { ConnectOptions, ProxySetting, Timeouts } from "./options.ts";
import { printable } from "./printable.ts";
import { connectThrough, describeProxy } from "./proxy.ts";
import { resolve } from "./resolve.ts";
import type { Stage } from "./stage.ts";
import type { Step, TlsFacts } from "./steps.ts";
import { type SecureOptions, secure } from "./tls.ts";

export interface DialOptions extends SecureOptions, Pick<ConnectOptions, "proxy" | "lookup" | "avoid"> {
  readonly timeouts: Timeouts;
}

/** A connection, with TLS already on where the endpoint has it from the first byte. */
export interface Link {
  readonly socket: Socket;
  /** What we are connected to, `192.0.2.1:465` or `[2001:db8::1]:465`; the proxy's address when there is one. */
  readonly address: string;
  readonly tls: TlsFacts | null;
}

/** How long, and how much, a peer that answered TLS in clear may say to be named in the failure. */
const eavesdrop = { ms: 3_000, bytes: 200 };

/** What a TLS client reports when the far end speaks in clear. */
const clearTextCodes = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_HTTP_REQUEST",
]);

/**
 * Resolves, connects (through the proxy, when one is set) and, for implicit TLS, secures. Emits a step each
 * for `resolve`, `connect`, `proxy` and `tls`, as far as they apply. Rejects with an SmtpFailure; nothing is
 * left open then. `error` has a listener on the socket from the beginning: look at `destroyed` and
 * `errored` when taking it over.
 */
export async function dial(options: DialOptions): Promise<Link> {
  const connected = await reach(options, options.onStep);
  if (options.endpoint.security !== "tls") return { ...connected, tls: null };
  try {
    const { socket, facts } = await secure(connected.socket, { ...options, peer: connected.address });
    return { socket, address: connected.address, tls: facts };
  } catch (error) {
    if (!(error instanceof SmtpFailure) || !clearTextCodes.has(error.facts.code ?? "")) throw error;
    const received = await overhear(options);
    throw received === ""
      ? error
      : new SmtpFailure(error.message, { ...error.facts, received }, { cause: error.cause });
  }
}

type OnStep = ConnectOptions["onStep"];

/** The bare connection to the endpoint. */
async function reach(options: DialOptions, onStep: OnStep): Promise<Connected> {
  const { endpoint, proxy } = options;
  const deadline = new Deadline(options.timeouts.connect, options.signal);
  try {
    if (proxy !== undefined) return await reachThrough(proxy, options, deadline, onStep);
    const addresses =
      isIP(endpoint.host) === 0
        ? await step("resolve", onStep, async () => {
            const found = await resolve(endpoint.host, options.lookup, deadline);
            const names = found.map(({ address }) => address);
            options.note?.(`${endpoint.host} is ${names.join(", ")}`);
            return { value: found, detail: names.join(", "), addresses: names };
          })
        : [{ address: endpoint.host, family: isIP(endpoint.host) }];
    return await step("connect", onStep, async () => {
      const connected = await connectFirst(addresses, endpoint.port, deadline, options.avoid);
      options.note?.(`connected to ${connected.address}`);
      return { value: connected, detail: connected.address };
    });
  } finally {
    deadline.end();
  }
}

/** One step for all that concerns the proxy: a failure there says nothing of the endpoint. */
function reachThrough(
  proxy: ProxySetting,
  options: DialOptions,
  deadline: Deadline,
  onStep: OnStep,
): Promise<Connected> {
  const { endpoint, note } = options;
  return step("proxy", onStep, async () => {
    const connected = await connectThrough(proxy, options, deadline);
    const detail = `${formatAddress(endpoint.host, endpoint.port)} through ${describeProxy(proxy)}`;
    note?.(`connected to ${detail}`);
    const { bytesWritten: bytesSent, bytesRead: bytesReceived } = connected.socket;
    return { value: connected, detail, bytesSent, bytesReceived };
  });
}

/** What the far end says of itself in clear: a second connection, since TLS swallowed it on the first. Never rejects. */
async function overhear(options: DialOptions): Promise<string> {
  const ms = Math.min(eavesdrop.ms, options.timeouts.tls);
  const deadline = new Deadline(ms, options.signal);
  let socket: Socket | undefined;
  try {
    ({ socket } = await reach({ ...options, timeouts: { ...options.timeouts, connect: ms } }, undefined));
    return await firstBytes(socket, deadline);
  } catch (error) {
    if (error instanceof SmtpFailure) return "";
    throw error;
  } finally {
    socket?.destroy();
    deadline.end();
  }
}

function firstBytes(socket: Socket, deadline: Deadline): Promise<string> {
  return new Promise((done) => {
    socket.once("data", (bytes: Buffer) => done(printable(bytes, eavesdrop.bytes)));
    socket.once("close", () => done(""));
    deadline.onOver(() => done(""));
  });
}

type Outcome<T> = { readonly value: T; readonly detail: string } & Partial<
  Pick<Step, "addresses" | "bytesSent" | "bytesReceived">
>;

/** Runs one step and reports how it ended. */
async function step<T>(stage: Stage, onStep: OnStep, run: () => Promise<Outcome<T>>): Promise<T> {
  const began = performance.now();
  const ms = () => performance.now() - began;
  try {
    const { value, ...seen } = await run();
    onStep?.({ stage, ok: true, ms: ms(), bytesSent: 0, bytesReceived: 0, ...seen });
    return value;
  } catch (error) {
    if (error instanceof SmtpFailure)
      onStep?.({
        stage,
        ok: false,
        ms: ms(),
        bytesSent: 0,
        bytesReceived: 0,
        detail: error.message,
        failure: error,
      });
    throw error;
  }
}
