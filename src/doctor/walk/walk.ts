// The way of a mail, walked once: connect, secure, sign in, try the envelope or send, take leave.
import { connect, type SendResult, type SmtpConnection } from "../../smtp/client.ts";
import { SmtpFailure } from "../../smtp/failure.ts";
import type { ConnectOptions, Lookup, Timeouts } from "../../smtp/options.ts";
import type { Step } from "../../smtp/steps.ts";
import type { TranscriptLine } from "../../smtp/transcript.ts";
import type { Setting } from "../test.ts";

export interface WalkOptions {
  readonly timeouts: Partial<Timeouts>;
  /** With `content`, a real message goes to this address; else it is only named in RCPT. Default: the setting's own From. */
  readonly to?: string;
  readonly content?: Uint8Array;
  readonly lookup?: Lookup;
  /** Ends the walk wherever it is. */
  readonly signal?: AbortSignal;
  readonly onStep?: (step: Step) => void;
  /** The connection is ready for mail: signed in, where there is something to sign in with. */
  readonly onReady?: (connection: SmtpConnection) => void;
  /** The envelope is settled and the connection still stands. `failure`: what the envelope met. */
  readonly beforeLeaving?: (connection: SmtpConnection, failure: SmtpFailure | null) => Promise<void>;
}

export interface Walked {
  /** Null when nothing was refused all the way. */
  readonly failure: SmtpFailure | null;
  /** Up to the first that failed, and with it. */
  readonly steps: readonly Step[];
  readonly transcript: readonly TranscriptLine[];
  /** Who was spoken to, `192.0.2.1:465`; null when no connection stood. */
  readonly peer: string | null;
  readonly sent: SendResult | null;
}

/** Resolves in every case; what went wrong is in `failure`. Rejects only for a mistake of ours. */
export async function walk(setting: Setting, options: WalkOptions): Promise<Walked> {
  const steps: Step[] = [];
  const transcript: TranscriptLine[] = [];
  const onStep = (step: Step) => {
    // The walk ends at the first step that fails. What was sent along with it fails too, for no reason of its own.
    if (steps.some(({ ok }) => !ok)) return;
    steps.push(step);
    options.onStep?.(step);
  };

  let connection: SmtpConnection | null = null;
  let failure: SmtpFailure | null = null;
  let sent: SendResult | null = null;
  const end = () => connection?.destroy();
  try {
    connection = await connect({
      ...connectOptions(setting, options),
      onStep,
      onLine: (line) => transcript.push(line),
    });
    options.signal?.addEventListener("abort", end, { once: true });
    if (options.signal?.aborted) end();
    options.onReady?.(connection);
    sent = await tryEnvelope(connection, setting, options);
    const refused = sent?.recipients.find((recipient) => !recipient.ok);
    failure = refused !== undefined && !refused.ok ? refused.failure : null;
    if (connection.alive) await options.beforeLeaving?.(connection, failure);
    await connection.quit();
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    failure = error;
  } finally {
    options.signal?.removeEventListener("abort", end);
    connection?.destroy();
  }
  return {
    failure,
    steps,
    transcript,
    peer: connection?.address ?? failure?.facts.peer ?? peerOf(steps),
    sent,
  };
}

/** What a setting means to the client. */
export function connectOptions(
  setting: Setting,
  { timeouts, lookup, signal }: Pick<WalkOptions, "timeouts" | "lookup" | "signal">,
): ConnectOptions {
  return {
    endpoint: setting.endpoint,
    ...(setting.serverName === null ? {} : { serverName: setting.serverName }),
    ...(setting.credentials === null ? {} : { credentials: setting.credentials }),
    ...(setting.proxy === null ? {} : { proxy: setting.proxy }),
    ...(signal === undefined ? {} : { signal }),
    ...(lookup === undefined ? {} : { lookup }),
    ca: setting.ca,
    timeouts,
  };
}

async function tryEnvelope(
  connection: SmtpConnection,
  setting: Setting,
  { to, content }: WalkOptions,
): Promise<SendResult | null> {
  if (setting.from === null) return null;
  const envelope = { from: setting.from, to: [{ address: to ?? setting.from }] };
  return to !== undefined && content !== undefined
    ? await connection.send(envelope, content)
    : await connection.tryEnvelope(envelope);
}

function peerOf(steps: readonly Step[]): string | null {
  return steps.find(({ stage, ok }) => stage === "connect" && ok)?.detail ?? null;
}
