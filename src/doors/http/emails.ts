// Sending, in Resend's shape: its SDKs work here with the base URL changed.
import { createHash } from "node:crypto";
import Type, { type Static } from "typebox";
import { MailRequest, mailOf } from "../../messages/request.ts";
import type { RecipientState } from "../../messages/states.ts";
import type { MessageDetail, Postrider } from "../../postrider.ts";
import type { StoredMessage } from "../../queue/store.ts";
import { ApiError } from "./errors.ts";
import type { Http } from "./http.ts";
import { ById, failure, iso, LaneName, Page, TextOrNull } from "./schemas.ts";

const Recipients = Type.Array(
  Type.Object({
    address: Type.String(),
    state: Type.String(),
    attempts: Type.Integer(),
    cause: TextOrNull,
  }),
);
const Addresses = Type.Array(Type.String());

const Listed = Type.Object({
  id: Type.String(),
  message_id: Type.String(),
  from: Type.String(),
  to: Addresses,
  cc: Type.Union([Type.Null(), Addresses]),
  bcc: Type.Union([Type.Null(), Addresses]),
  reply_to: Type.Union([Type.Null(), Addresses]),
  subject: Type.String({ description: "Empty for a sensitive message." }),
  created_at: Type.String(),
  scheduled_at: TextOrNull,
  expires_at: Type.String(),
  last_event: Type.String(),
  lane: LaneName,
  recipients: Recipients,
});

const Shown = Type.Interface([Listed], {
  object: Type.Literal("email"),
  html: TextOrNull,
  text: TextOrNull,
  tags: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
});

/**
 * Resend's word for each of our states. `sent` stays `sent`: that a provider took a message is
 * what we know; whether it was delivered is not.
 */
const eventOf: Readonly<Record<RecipientState, string>> = {
  scheduled: "scheduled",
  queued: "queued",
  sending: "queued",
  parked: "delivery_delayed",
  deferred: "delivery_delayed",
  unknown: "delivery_delayed",
  bounced: "bounced",
  failed: "failed",
  expired: "failed",
  suppressed: "suppressed",
  canceled: "canceled",
  sent: "sent",
};

/** A message to several people says what is least settled, then what went worst. */
const telling = Object.keys(eventOf) as RecipientState[];

function lastEvent(message: StoredMessage): string {
  const state = telling.find((candidate) =>
    message.recipients.some((recipient) => recipient.state === candidate),
  );
  return eventOf[state ?? "queued"];
}

const orNull = (addresses: readonly string[]) => (addresses.length === 0 ? null : [...addresses]);

function listed(message: StoredMessage): Static<typeof Listed> {
  return {
    id: message.id,
    message_id: message.messageId,
    from: message.view.from,
    to: [...message.view.to],
    cc: orNull(message.view.cc),
    bcc: orNull(message.view.bcc),
    reply_to: orNull(message.view.replyTo),
    subject: message.view.subject,
    created_at: iso(message.createdAt),
    scheduled_at: iso(message.notBefore),
    expires_at: iso(message.expiresAt),
    last_event: lastEvent(message),
    lane: message.lane,
    recipients: message.recipients.map(({ address, state, attempts, verdict }) => ({
      address,
      state,
      attempts,
      cause: verdict?.cause ?? null,
    })),
  };
}

function shown(message: MessageDetail): Static<typeof Shown> {
  return {
    object: "email",
    ...listed(message),
    html: message.html,
    text: message.text,
    tags: message.view.tags.map((tag) => ({ ...tag })),
  };
}

const hashOf = (body: unknown) => createHash("sha256").update(JSON.stringify(body)).digest("hex");

export function emailRoutes(app: Http, post: Postrider): void {
  const sending = { access: "sending" } as const;

  app.post(
    "/emails",
    {
      config: sending,
      schema: {
        operationId: "sendEmail",
        summary: "Accept one message",
        description: "Answers once the message is on stable storage.",
        headers: Type.Object({
          "idempotency-key": Type.Optional(
            Type.String({ description: "1 to 256 characters; the same key and body stand for one message." }),
          ),
        }),
        body: MailRequest,
        response: {
          200: Type.Object({
            id: Type.String(),
            suppressed: Type.Optional(
              Type.Array(Type.String(), {
                description: "Recipients on the suppression list, where there are any: not sent to.",
              }),
            ),
          }),
          ...failure,
        },
      },
    },
    async (request) => {
      const key = request.headers["idempotency-key"];
      if (key !== undefined && (key.length < 1 || key.length > 256))
        throw new ApiError(
          "invalid_idempotency_key",
          `Idempotency-Key has ${key.length} characters; 1 to 256 are allowed.`,
        );
      // The store keeps keys apart by origin, so two applications may choose the same one.
      const idempotency = key === undefined ? null : { key, bodyHash: hashOf(request.body) };
      const accepted = await post.send(mailOf(request.body), {
        origin: `http:${request.caller}`,
        idempotency,
      });
      const { id, suppressed } = accepted;
      return suppressed.length === 0 ? { id } : { id, suppressed: [...suppressed] };
    },
  );

  app.get(
    "/emails",
    {
      config: sending,
      schema: {
        operationId: "listEmails",
        summary: "List messages, newest first",
        querystring: Page,
        response: {
          200: Type.Object({
            object: Type.Literal("list"),
            has_more: Type.Boolean(),
            data: Type.Array(Listed),
          }),
          ...failure,
        },
      },
    },
    async (request) => {
      const { messages, more } = await post.messages.list({
        ...request.query,
        limit: request.query.limit ?? 20,
      });
      return { object: "list" as const, has_more: more, data: messages.map(listed) };
    },
  );

  app.get(
    "/emails/:id",
    {
      config: sending,
      schema: {
        operationId: "getEmail",
        summary: "One message and what became of it",
        params: ById,
        response: { 200: Shown, ...failure },
      },
    },
    async (request) => shown(await post.messages.detail(request.params.id)),
  );
}
