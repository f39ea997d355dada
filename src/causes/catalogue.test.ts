// The catalogue and the book together: every reply a provider is known to give is understood.
import { expect, test } from "vitest";
import { providers, sampleReply } from "../providers/catalogue.ts";
import type { Stage } from "../smtp/stage.ts";
import { isCauseId } from "./book.ts";
import { failure } from "./failures.fixture.ts";
import { judge } from "./judge.ts";

const replies = providers.flatMap((provider) =>
  provider.replies.map((known) => ({
    provider,
    known,
    name: `${provider.id}: ${known.code} ${known.sample.slice(0, 50)}`,
  })),
);

test.each(
  replies.map(({ name, ...rest }) => [name, rest] as const),
)("%s is judged to the cause that the catalogue names", (_, { provider, known }) => {
  expect(isCauseId(known.cause)).toBe(true);
  const stage: Stage = known.stage ?? "content";
  const reply = sampleReply(known);
  const verdict = judge(failure({ stage, kind: "reply", reply }), { provider });
  expect(verdict.cause).toBe(known.cause);
});

test("no reply of any provider, said before MAIL, is blamed on a message or a recipient", () => {
  for (const { provider, known, name } of replies) {
    for (const stage of ["greeting", "ehlo", "starttls", "auth"] as const) {
      const refused = failure({ stage, kind: "reply", reply: sampleReply(known) });
      const { scope } = judge(refused, {
        provider,
        username: "own@example.com",
        sender: "other@example.com",
      });
      expect(["account", "endpoint", "ours"], `${name} at ${stage}`).toContain(scope);
    }
  }
});
