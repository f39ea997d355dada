// Failures as the client reports them, for the tests of this room.
import type { Endpoint, Security } from "../smtp/endpoint.ts";
import { SmtpFailure, type SmtpFailureFacts } from "../smtp/failure.ts";
import { parseEnhanced } from "../smtp/reply.ts";
import type { Stage } from "../smtp/stage.ts";

export function failure(facts: Partial<SmtpFailureFacts>, message = "it failed", cause?: Error): SmtpFailure {
  return new SmtpFailure(
    message,
    {
      stage: "content",
      kind: "socket",
      code: null,
      certainty: "not-accepted",
      reply: null,
      secured: true,
      ...facts,
    },
    cause === undefined ? undefined : { cause },
  );
}

/** A refusal as it came over the wire: `535-5.7.8 Username ...\n535 5.7.8 https://...`. */
export function refusal(stage: Stage, wire: string, facts: Partial<SmtpFailureFacts> = {}): SmtpFailure {
  const code = Number(wire.slice(0, 3));
  const lines = wire.split("\n").map((line) => line.replace(/^\d{3}[ -]/, ""));
  const statuses = lines.map(parseEnhanced).filter((status) => status?.class === Math.floor(code / 100));
  return failure(
    { stage, kind: "reply", reply: { code, enhanced: statuses[0] ?? null, lines }, ...facts },
    `refused: ${wire}`,
  );
}

export function at(port: number, security: Security, host = "smtp.example.com"): Endpoint {
  return { host, port, security };
}
