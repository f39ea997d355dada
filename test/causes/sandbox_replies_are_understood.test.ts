// Each reply that the sandbox gives on demand is judged to a cause that it stands for.
import { expect, test } from "vitest";
import { judge } from "../../src/causes/judge.ts";
import { fault, faultNames } from "../../src/sandbox/fault.ts";
import { SmtpFailure } from "../../src/smtp/failure.ts";
import { parseEnhanced } from "../../src/smtp/reply.ts";
import { type Stage, stages } from "../../src/smtp/stage.ts";

/** A fault that stands for no cause is a passing trouble that only has to stay temporary. */
const replies = faultNames.flatMap((name) => {
  const entry = fault(name);
  return entry.kind === "reply" ? [{ name, ...entry }] : [];
});

test.each(replies)("$name", ({ stage, code, text, causes }) => {
  const at: Stage = stages.find((known) => known === stage) ?? "content";
  const reply = { code, enhanced: parseEnhanced(text), lines: [text] };
  const facts = {
    stage: at,
    kind: "reply",
    code: null,
    certainty: "not-accepted",
    reply,
    secured: true,
  } as const;
  const verdict = judge(new SmtpFailure("refused", facts), { provider: null });
  if (causes.length === 0) expect(verdict.retry).toBe("transient");
  else expect(causes).toContain(verdict.cause);
});
