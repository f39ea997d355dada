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
