// The shapes that several endpoints share; validation, types and the OpenAPI document come from them.
import Type, { type Static } from "typebox";
import type { Verdict } from "../../causes/verdict.ts";
import { recipientStates } from "../../messages/states.ts";
import { stages } from "../../smtp/stage.ts";

export const TextOrNull = Type.Union([Type.Null(), Type.String()]);

export { LaneName } from "../../messages/request.ts";

export const RemedyShape = Type.Object({
  title: Type.String(),
  explanation: Type.String(),
  steps: Type.Array(Type.String()),
  links: Type.Array(Type.String()),
});

export const ErrorShape = Type.Object(
  {
    statusCode: Type.Integer(),
    name: Type.String(),
    message: Type.String({ description: "What was wrong, where, and what to do." }),
    cause: Type.Optional(Type.String({ description: "An id of the book of causes." })),
    remedy: Type.Optional(RemedyShape),
  },
  { $id: "Error" },
);

const ReplyShape = Type.Object({
  code: Type.Integer(),
  enhanced: Type.Union([
    Type.Null(),
    Type.Object({ class: Type.Integer(), subject: Type.Integer(), detail: Type.Integer() }),
  ]),
  lines: Type.Array(Type.String()),
});

export const VerdictShape = Type.Object({
  stage: Type.Enum([...stages]),
  scope: Type.Enum(["account", "recipient", "message", "endpoint", "ours"]),
  certainty: Type.Enum(["not-accepted", "accepted", "unknown"]),
  retry: Type.Enum(["permanent", "transient", "pause-account", "connection", "config"]),
  cause: Type.String(),
  reply: Type.Union([Type.Null(), ReplyShape]),
  code: TextOrNull,
  message: Type.String(),
  waitMs: Type.Union([Type.Null(), Type.Number()]),
});

/** A verdict as an answer carries it; the cast sheds `readonly`, nothing else. */
export function shownVerdict(verdict: Verdict): Static<typeof VerdictShape>;
export function shownVerdict(verdict: Verdict | null): Static<typeof VerdictShape> | null;
export function shownVerdict(verdict: Verdict | null): Static<typeof VerdictShape> | null {
  return verdict as Static<typeof VerdictShape> | null;
}

export const TranscriptShape = Type.Array(
  Type.Object({ ms: Type.Number(), from: Type.Enum(["client", "server", "note"]), text: Type.String() }),
);

export const RecipientShape = Type.Object({
  address: Type.String(),
  state: Type.Enum([...recipientStates]),
  attempts: Type.Integer(),
  dueAt: TextOrNull,
  changedAt: Type.String(),
  verdict: Type.Union([Type.Null(), VerdictShape]),
});

export const Page = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  after: Type.Optional(Type.String({ description: "The last id of the page before." })),
  before: Type.Optional(Type.String({ description: "The first id of the page after." })),
});

export const Security = Type.Enum(["tls", "starttls", "none"]);
export const Port = Type.Integer({ minimum: 1, maximum: 65535 });
export const Language = Type.Enum(["en", "zh"]);

export const ById = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
export const ByName = Type.Object({ name: Type.String({ minLength: 1, maxLength: 64 }) });

/** Every endpoint may answer with an error; the schema is registered once, by its id. */
export const failure = { default: Type.Ref("Error", { description: "What was wrong." }) } as const;

/** An answer of bytes that are no JSON. */
export const bytesOf = <Media extends string>(media: Media, description: string) => ({
  200: {
    description,
    content: { [media]: { schema: Type.Unsafe<Buffer>({ type: "string", format: "binary" }) } },
  },
  ...failure,
});

/** An instant as an answer gives it: ISO 8601, UTC. */
export function iso(instant: number): string;
export function iso(instant: number | null): string | null;
export function iso(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}
