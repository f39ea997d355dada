// What an application that builds its own keeps in a job, and how it sends it.
import { createTransport } from "nodemailer";
import type { Lane } from "../../../src/messages/lanes.ts";
import { letter, senderOf, to } from "../../relay/letter.ts";
import { host } from "../../relay/ports.ts";

export const queueName = "mail";

export interface Job {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** One character for each octet. */
  readonly raw: string;
}

export function jobOf(id: string, lane: Lane): Job {
  return { envelope: { from: senderOf(lane), to: [to] }, raw: letter(id, lane).toString("latin1") };
}

/** Sends by nodemailer's pool. */
export function mailer(port: number, connections: number): (job: Job) => Promise<void> {
  const transport = createTransport({
    host,
    port,
    ignoreTLS: true,
    name: "node.bench.test",
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
  });
  return async ({ envelope, raw }) => {
    await transport.sendMail({
      envelope: { ...envelope, to: [...envelope.to] },
      raw: Buffer.from(raw, "latin1"),
    });
  };
}
