// Connection pools of the SMTP client, one for each account.
import type { CredentialSource } from "../accounts/credentials.ts";
import { type SendResult, type SmtpFailure, SmtpPool, type TranscriptLine } from "../smtp/client.ts";
import type { ConnectOptions } from "../smtp/options.ts";
import { type CommonOptions, connectOptions } from "./connecting.ts";
import type { OpenPool } from "./lines.ts";

/** Greeting, EHLO, STARTTLS, EHLO, sign-in: what is longer is no dialogue that leads anywhere. */
const openingLines = 100;

export function openSmtpPool(credentials: CredentialSource, common: CommonOptions): OpenPool {
  return (account, { connections, messagesPerConnection }) => {
    const openings = new Openings();
    const pool = new SmtpPool({
      connect: async () => openings.watch(await connectOptions(account, credentials, common)),
      maxConnections: connections,
      // An envelope written behind another message's content would make an urgent message wait for that content.
      pipeline: 1,
      ...(messagesPerConnection === null ? {} : { maxMessagesPerConnection: messagesPerConnection }),
    });
    return {
      send: async (envelope, content, options) =>
        openings.explain(await pool.send(envelope, content, options)),
      close: (options) => pool.close(options),
    };
  };
}

/** Remembers how a connection came to fail, for the messages that were waiting for it. */
class Openings {
  readonly #dialogues = new WeakMap<SmtpFailure, readonly TranscriptLine[]>();

  watch(options: ConnectOptions): ConnectOptions {
    const lines: TranscriptLine[] = [];
    return {
      ...options,
      onLine: (line) => {
        if (lines.length < openingLines) lines.push(line);
      },
      onStep: (step) => {
        if (step.failure !== undefined) this.#dialogues.set(step.failure, lines);
      },
    };
  }

  explain(result: SendResult): SendResult {
    if (result.transcript.length > 0) return result;
    const failed = result.recipients.find((recipient) => !recipient.ok);
    const dialogue = failed === undefined ? undefined : this.#dialogues.get(failed.failure);
    return dialogue === undefined ? result : { ...result, transcript: [...dialogue] };
  }
}
