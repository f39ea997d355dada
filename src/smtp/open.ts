// From settings to a connection that is ready for mail; what client.ts and pool.ts share.
import { randomBytes } from "node:crypto";
import { isIP, isIPv6, type Socket } from "node:net";
import { hostname } from "node:os";
import { secretOf } from "./auth/exchange.ts";
import { checkOptions } from "./check.ts";
import { Connection } from "./connection.ts";
import { type DialOptions, dial, type Link } from "./dial.ts";
import { Driver } from "./driver.ts";
import { type Ending, failureOf } from "./ending.ts";
import { isLoopback } from "./endpoint.ts";
import { states } from "./machine.ts";
import { type Opened, Opening } from "./opening.ts";
import { type ConnectOptions, defaultTimeouts } from "./options.ts";
import type { OpeningPlan } from "./phases/move.ts";
import { Secrets } from "./secrets.ts";
import { secure } from "./tls.ts";
import type { TlsSessions } from "./tls-sessions.ts";
import { Transcript } from "./transcript.ts";

/**
 * Rejects with SmtpFailure alone. `sessions`: TLS sessions to resume and to keep. `reach`: how a
 * connection is made.
 */
export async function open(
  options: ConnectOptions,
  sessions?: TlsSessions,
  reach: (options: DialOptions) => Promise<Link> = dial,
): Promise<Connection> {
  checkOptions(options);
  const { onLine, onStep, signal, endpoint } = options;
  const transcript = new Transcript();
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  let listener: { onEnd(ending: Ending): void } | null = null;
  const driver = new Driver({
    timeouts,
    transcript,
    onLine,
    secrets: secretsOf(options),
    began: performance.now(),
    onEnd: (ending) => listener?.onEnd(ending),
  });
  const dialling: DialOptions = {
    ...options,
    timeouts,
    note: (text) => driver.record(null, "note", text),
    ...(sessions !== undefined && { sessions }),
  };

  const link = await reach(dialling);
  const abort = () => driver.end(aborted);
  try {
    const opened = await new Promise<Opened>((resolve) => {
      const opening = new Opening({
        driver,
        plan: planOf(options, link.socket),
        tls: link.tls,
        secure: (socket) => secure(socket, { ...dialling, peer: link.address }),
        onStep,
        onOpened: resolve,
      });
      listener = opening;
      driver.attach(link.socket, link.tls !== null, link.address);
      opening.start();
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted) abort();
    });
    if ("failure" in opened) throw opened.failure;
    // A goodbye can come in one piece with the last reply of the opening, before anyone else listens.
    if (driver.ending !== null) throw failureOf(driver.ending, states.ready.stage, driver);
    const { capabilities, mechanism } = opened.ready;
    const facts = { endpoint, address: link.address, capabilities, tls: opened.tls, mechanism };
    const connection = new Connection(driver, transcript, facts, onStep);
    listener = connection;
    return connection;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

const aborted: Ending = { kind: "aborted", code: "ABORTED", message: "ended by the caller", reply: null };

function secretsOf({ credentials, proxy }: ConnectOptions): Secrets {
  const secrets = new Secrets();
  if (credentials !== undefined) secrets.add(secretOf(credentials));
  if (proxy?.password !== undefined) secrets.add(proxy.password);
  return secrets;
}

function planOf(options: ConnectOptions, socket: Socket): OpeningPlan {
  const { endpoint, credentials, clientName, proxy } = options;
  return {
    endpoint,
    clientName: clientName ?? ownName(socket.localAddress),
    credentials: credentials ?? null,
    nonce: randomBytes(18).toString("base64"),
    // Both the name and what it led to: neither a name server nor a proxy may decide that a secret goes in clear.
    loopback: proxy === undefined && isLoopback(endpoint.host) && isLoopback(socket.remoteAddress ?? ""),
  };
}

/** RFC 5321 §4.1.4: this machine's name when it is a domain, else the address it speaks from, as a literal (§4.1.3). */
function ownName(localAddress: string | undefined): string {
  const name = hostname();
  if (/^(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(name) && name.length <= 255) return name;
  const address = (localAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");
  if (isIP(address) === 0) return "[127.0.0.1]";
  return isIPv6(address) ? `[IPv6:${address}]` : `[${address}]`;
}
