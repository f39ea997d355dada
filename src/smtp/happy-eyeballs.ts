// Connects to the first of a host's addresses that answers (RFC 8305).
import type { LookupAddress } from "node:dns";
import { connect, type Socket } from "node:net";
import { codeOf, type Deadline, dialFailure, textOf } from "./deadline.ts";
import type { AddressAttempt, SmtpFailure } from "./failure.ts";

/** RFC 8305 §5: the recommended delay before the next address is tried beside those under way. */
const attemptDelayMs = 250;

/** The longest delay that it allows: how long the others have before an address to avoid is tried beside them. */
const avoidedDelayMs = 2_000;

/**
 * From the code that says most about the far end to the one that says least: a refusal comes from the
 * host or a rule in front of it, while an unreachable network is mostly our own lack of IPv6.
 */
const telling = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EPERM",
  "EACCES",
  "ETIMEDOUT",
  "TIMEOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
];

/** `10.0.0.1:25`, `[::1]:25`. */
export function formatAddress(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** RFC 8305 §4: alternates the families, beginning with the one that the resolver put first. */
export function interleave(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const ordered: LookupAddress[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i++)
    ordered.push(...first.slice(i, i + 1), ...second.slice(i, i + 1));
  return ordered;
}

interface Candidate {
  /** As an IP address. */
  readonly host: string;
  /** With the port. */
  readonly address: string;
  readonly avoided: boolean;
}

/** In the order of trying: what is to be avoided comes last. */
function candidates(
  addresses: readonly LookupAddress[],
  port: number,
  avoid: (address: string) => boolean,
): readonly Candidate[] {
  const all = interleave(addresses).map(({ address: host }) => {
    const address = formatAddress(host, port);
    return { host, address, avoided: avoid(host) };
  });
  return [...all.filter(({ avoided }) => !avoided), ...all.filter(({ avoided }) => avoided)];
}

export interface Connected {
  readonly socket: Socket;
  readonly address: string;
}

/**
 * Tries each address in turn, the next one after 250 ms or as soon as one fails; the first to connect
 * wins and the others are closed. What `avoid` says yes to comes last, beside others only after 2 s. Rejects with an SmtpFailure of stage `connect` that lists every address.
 */
export function connectFirst(
  addresses: readonly LookupAddress[],
  port: number,
  deadline: Deadline,
  avoid: (address: string) => boolean = () => false,
): Promise<Connected> {
  const waiting = [...candidates(addresses, port, avoid)];
  const pending = new Map<Socket, string>();
  const failed: { attempt: AddressAttempt; error: unknown }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let release: () => void = () => undefined;

  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      release();
      for (const loser of pending.keys()) loser.destroy();
    };
    const giveUp = () => {
      const attempts = [
        ...failed.map(({ attempt }) => attempt),
        ...[...pending.values()].map((address) => ({ address, code: "TIMEOUT", message: "no answer" })),
      ];
      settle();
      reject(deadline.failure("connect", `connecting to ${[...pending.values()].join(", ")}`, { attempts }));
    };
    const next = () => {
      clearTimeout(timer);
      const candidate = waiting.shift();
      if (candidate === undefined) return;
      const { host, address } = candidate;
      const socket = connect({ host, port, noDelay: true, keepAlive: true });
      pending.set(socket, address);
      // Stays for the life of the socket: an error also shows as `close`, and must never end the process.
      socket.on("error", (error) => {
        if (!pending.delete(socket)) return;
        failed.push({ attempt: { address, code: codeOf(error), message: textOf(error) }, error });
        if (waiting.length > 0) next();
        else if (pending.size === 0) {
          settle();
          reject(allFailed(failed));
        }
      });
      socket.once("connect", () => {
        if (!pending.delete(socket)) return;
        settle();
        resolve({ socket, address });
      });
      const [following] = waiting;
      if (following === undefined) return;
      const wait = following.avoided && !candidate.avoided ? avoidedDelayMs : attemptDelayMs;
      timer = setTimeout(next, wait);
    };
    if (!deadline.over) next();
    release = deadline.onOver(giveUp);
  });
}

function allFailed(failed: readonly { attempt: AddressAttempt; error: unknown }[]): SmtpFailure {
  const attempts = failed.map(({ attempt }) => attempt);
  const rank = ({ code }: AddressAttempt) =>
    telling.includes(code) ? telling.indexOf(code) : telling.length;
  const most = failed.reduce((one, other) => (rank(other.attempt) < rank(one.attempt) ? other : one));
  const message =
    failed.length === 1
      ? most.attempt.message
      : `none of ${failed.length} addresses answered: ${attempts.map((attempt) => attempt.message).join("; ")}`;
  return dialFailure(
    message,
    { stage: "connect", kind: "socket", code: most.attempt.code, attempts },
    most.error,
  );
}
