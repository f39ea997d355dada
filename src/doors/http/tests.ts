// Testing a setting, with each step as it happens for whoever asks for an event stream.
import { Readable } from "node:stream";
import Type, { type Static } from "typebox";
import type { TestResult, TestStep } from "../../doctor/test.ts";
import type { Postrider } from "../../postrider.ts";
import { settingFields, settingOf } from "./accounts.ts";
import { toApiError } from "./errors.ts";
import type { Http } from "./http.ts";
import { failure, Language, RemedyShape, TextOrNull, TranscriptShape } from "./schemas.ts";

const Request = Type.Object(
  {
    account: Type.Optional(
      Type.String({ description: "A stored account; or else the fields of a setting." }),
    ),
    ...settingFields,
    to: Type.Optional(Type.String({ description: "Send a real message here; without it nothing is sent." })),
    language: Type.Optional(Language),
  },
  { additionalProperties: false },
);

const Step = Type.Object({
  name: Type.String(),
  ok: Type.Boolean(),
  ms: Type.Number(),
  detail: Type.String(),
});
const Result = Type.Object({
  ok: Type.Boolean(),
  cause: TextOrNull,
  scope: TextOrNull,
  stage: TextOrNull,
  remedy: Type.Union([Type.Null(), RemedyShape]),
  steps: Type.Array(Step),
  transcript: TranscriptShape,
});

/** The published part of a result. */
function shownResult({
  ok,
  cause,
  scope,
  stage,
  remedy,
  steps,
  transcript,
}: TestResult): Static<typeof Result> {
  return {
    ok,
    cause,
    scope,
    stage,
    remedy: remedy === null ? null : { ...remedy, steps: [...remedy.steps], links: [...remedy.links] },
    steps: steps.map((step) => ({ ...step })),
    transcript: transcript.map((line) => ({ ...line })),
  };
}

export function testRoutes(app: Http, post: Postrider): void {
  app.post(
    "/tests",
    {
      schema: {
        operationId: "testSetting",
        summary: "Try an account or a setting step by step",
        description:
          "With `Accept: text/event-stream`: one `step` event as each step ends, then `result` (or `error`).",
        body: Request,
        response: { 200: Result, ...failure },
      },
    },
    async (request, reply) => {
      const body = request.body;
      const run = (onStep?: (step: TestStep) => void) => {
        const options = {
          ...(body.to === undefined ? {} : { to: body.to }),
          ...(body.language === undefined ? {} : { language: body.language as "en" | "zh" }),
          ...(onStep === undefined ? {} : { onStep }),
        };
        return body.account === undefined
          ? post.testSetting(settingOf(body), options)
          : post.testAccount(body.account, options);
      };
      if (!request.headers.accept?.includes("text/event-stream")) return shownResult(await run());

      const stream = new Readable({ read: () => undefined });
      const event = (name: string, data: unknown) =>
        stream.push(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      run((step) => event("step", step))
        .then((result) => event("result", shownResult(result)))
        .catch((error: unknown) => event("error", toApiError(error, post.limits).body()))
        .finally(() => stream.push(null));
      reply
        .type("text/event-stream")
        .header("cache-control", "no-store")
        .serializer((payload: unknown) => payload as string);
      return reply.send(stream as never);
    },
  );
}
