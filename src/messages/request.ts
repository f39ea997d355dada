// A message as JSON asks for it, in Resend's shape: the same over HTTP and out of an application's transaction.
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { type Lane, lanes } from "./lanes.ts";
import type { Mail } from "./mail.ts";
import { unfitting } from "./unfitting.ts";

export const OneOrMany = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })]);

export const LaneName = Type.Enum([...lanes], {
  description: "`urgent` overtakes everything else; `bulk` waits for both others.",
});

export const Instant = Type.String({ format: "date-time", description: "ISO 8601, with a time zone." });

const Attachment = Type.Object({
  filename: Type.Optional(Type.String({ maxLength: 255 })),
  content: Type.Optional(Type.String({ description: "Base64." })),
  content_type: Type.Optional(Type.String()),
  content_id: Type.Optional(Type.String({ description: "Makes it inline: `cid:` this in the HTML." })),
  path: Type.Optional(
    Type.String({ description: "Not supported: Postrider fetches nothing from other hosts." }),
  ),
});

export const MailRequest = Type.Object(
  {
    from: Type.Optional(Type.String({ description: "Default: the account's own address." })),
    to: OneOrMany,
    cc: Type.Optional(OneOrMany),
    bcc: Type.Optional(OneOrMany),
    reply_to: Type.Optional(OneOrMany),
    subject: Type.String(),
    html: Type.Optional(Type.String()),
    text: Type.Optional(Type.String()),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    attachments: Type.Optional(Type.Array(Attachment)),
    tags: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), { maxItems: 50 }),
    ),
    scheduled_at: Type.Optional(Instant),
    lane: Type.Optional(LaneName),
    expires_at: Type.Optional(Instant),
    account: Type.Optional(Type.String({ description: "The account it leaves through." })),
    route: Type.Optional(
      Type.String({ description: "The route it leaves through; not together with `account`." }),
    ),
    sensitive: Type.Optional(
      Type.Boolean({ description: "Keep no body once it is delivered; show neither body nor subject." }),
    ),
  },
  { additionalProperties: false },
);

export type MailRequest = Static<typeof MailRequest>;

/** What is wrong with the JSON; what is wrong with the message that it asks for is a MessageError. */
export class MailRequestError extends Error {
  readonly problem: "missing_required_field" | "invalid_attachment" | "validation_error";

  constructor(problem: MailRequestError["problem"], message: string) {
    super(message);
    this.name = "MailRequestError";
    this.problem = problem;
  }
}

const schema = Compile(MailRequest);

/** @throws MailRequestError for what does not fit the schema. */
export function checkedRequest(value: unknown): MailRequest {
  if (schema.Check(value)) return value;
  const { kind, message } = unfitting(schema.Errors(value)[0] ?? {});
  throw new MailRequestError(kind === "missing" ? "missing_required_field" : "validation_error", message);
}

/** @throws MailRequestError. */
export function mailOf(request: MailRequest): Mail {
  if (request.account !== undefined && request.route !== undefined)
    throw new MailRequestError("validation_error", "`account` and `route` exclude each other: name one.");
  const route = request.route ?? request.account;
  return {
    to: many(request.to),
    cc: many(request.cc),
    bcc: many(request.bcc),
    replyTo: many(request.reply_to),
    subject: request.subject,
    attachments: attachmentsOf(request),
    tags: request.tags ?? [],
    ...(request.from === undefined ? {} : { from: request.from }),
    ...(request.html === undefined ? {} : { html: request.html }),
    ...(request.text === undefined ? {} : { text: request.text }),
    ...(request.headers === undefined ? {} : { headers: request.headers }),
    ...(request.lane === undefined ? {} : { lane: request.lane as Lane }),
    ...(request.scheduled_at === undefined ? {} : { notBefore: new Date(request.scheduled_at) }),
    ...(request.expires_at === undefined ? {} : { expiresAt: new Date(request.expires_at) }),
    ...(request.sensitive === undefined ? {} : { sensitive: request.sensitive }),
    ...(route === undefined ? {} : { route }),
  };
}

const many = (value: string | readonly string[] | undefined) =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

function attachmentsOf(request: MailRequest): Mail["attachments"] {
  return (request.attachments ?? []).map((attachment, index) => {
    if (attachment.path !== undefined)
      throw new MailRequestError(
        "invalid_attachment",
        `attachments[${index}].path: Postrider fetches nothing from other hosts. Send the bytes as base64 in \`content\`.`,
      );
    if (attachment.content === undefined)
      throw new MailRequestError(
        "invalid_attachment",
        `attachments[${index}].content is missing: the bytes of the file, as base64.`,
      );
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(attachment.content.replaceAll(/\s/g, "")))
      throw new MailRequestError("invalid_attachment", `attachments[${index}].content is not base64.`);
    return {
      content: Buffer.from(attachment.content, "base64"),
      ...(attachment.filename === undefined ? {} : { filename: attachment.filename }),
      ...(attachment.content_type === undefined ? {} : { contentType: attachment.content_type }),
      ...(attachment.content_id === undefined ? {} : { contentId: attachment.content_id }),
    };
  });
}
