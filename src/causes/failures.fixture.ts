// Failures as the client reports them, for the tests of this room.
import type { Endpoint, Security } from "../smtp/endpoint.ts";
import { SmtpFailure, type SmtpFailureFacts } from "../smtp/failure.ts";
import type { EnhancedStatus } from "../smtp/reply.ts";
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
  const enhanced = lines.map((line) => statusOf(line, code)).find((status) => status !== null) ?? null;
  return failure({ stage, kind: "reply", reply: { code, enhanced, lines }, ...facts }, `refused: ${wire}`);
}

function statusOf(line: string, code: number): EnhancedStatus | null {
  const match = /^([245])\.(\d{1,3})\.(\d{1,3})(?: |$)/.exec(line);
  if (match === null || Number(match[1]) !== Math.floor(code / 100)) return null;
  return {
    class: Number(match[1]) as EnhancedStatus["class"],
    subject: Number(match[2]),
    detail: Number(match[3]),
  };
}

export function at(port: number, security: Security, host = "smtp.example.com"): Endpoint {
  return { host, port, security };
}
