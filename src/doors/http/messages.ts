// What happened to a message: every recipient, every attempt, the dialogue of each.
import Type, { type Static } from "typebox";
import { recipientStates } from "../../messages/states.ts";
import type { Postrider } from "../../postrider.ts";
import type { StoredAttempt, StoredMessage } from "../../queue/store.ts";
import type { Http } from "./http.ts";
import {
  ById,
  bytesOf,
  failure,
  iso,
  LaneName,
  Page,
  RecipientShape,
  shownVerdict,
  TextOrNull,
  TranscriptShape,
  VerdictShape,
} from "./schemas.ts";

const Message = Type.Object({
  id: Type.String(),
  messageId: Type.String(),
  lane: LaneName,
  route: TextOrNull,
  envelopeFrom: Type.String(),
  from: Type.String(),
  to: Type.Array(Type.String()),
  subject: Type.String({ description: "Empty for a sensitive message." }),
  size: Type.Integer({ description: "Bytes." }),
  sensitive: Type.Boolean(),
  origin: Type.String(),
  createdAt: Type.String(),
  notBefore: TextOrNull,
  expiresAt: Type.String(),
  recipients: Type.Array(RecipientShape),
});

const Attempt = Type.Object({
  startedAt: Type.String(),
  endedAt: Type.String(),
  account: TextOrNull,
  peer: TextOrNull,
  outcomes: Type.Array(
    Type.Object({
      address: Type.String(),
      event: Type.String(),
      verdict: Type.Union([Type.Null(), VerdictShape]),
    }),
  ),
  transcript: TranscriptShape,
});

/** Under the door's own limit on a request. */
const longestWaitSeconds = 100;

function message(stored: StoredMessage): Static<typeof Message> {
  return {
    id: stored.id,
    messageId: stored.messageId,
    lane: stored.lane,
    route: stored.route,
    envelopeFrom: stored.envelopeFrom,
    from: stored.view.from,
    to: [...stored.view.to],
    subject: stored.view.subject,
    size: stored.size,
    sensitive: stored.sensitive,
    origin: stored.origin,
    createdAt: iso(stored.createdAt),
    notBefore: iso(stored.notBefore),
    expiresAt: iso(stored.expiresAt),
    recipients: stored.recipients.map(({ address, state, attempts, dueAt, changedAt, verdict }) => ({
      address,
      state,
      attempts,
      dueAt: iso(dueAt),
      changedAt: iso(changedAt),
      verdict: shownVerdict(verdict),
    })),
  };
}

function attempt(stored: StoredAttempt, recipients: StoredMessage["recipients"]): Static<typeof Attempt> {
  return {
    startedAt: iso(stored.startedAt),
    endedAt: iso(stored.endedAt),
    account: stored.account,
    peer: stored.peer,
    outcomes: stored.outcomes.map((outcome) => ({
      address: recipients.find((recipient) => recipient.index === outcome.index)?.address ?? "",
      event: outcome.event,
      verdict: "verdict" in outcome ? shownVerdict(outcome.verdict) : null,
    })),
    transcript: stored.transcript.map((line) => ({ ...line })),
  };
}

export function messageRoutes(app: Http, post: Postrider): void {
  const sending = { access: "sending" } as const;

  app.get(
    "/messages",
    {
      config: sending,
      schema: {
        operationId: "listMessages",
        summary: "List messages, newest first",
        querystring: Type.Interface([Page], { state: Type.Optional(Type.Enum([...recipientStates])) }),
        response: { 200: Type.Object({ data: Type.Array(Message), more: Type.Boolean() }), ...failure },
      },
    },
    async (request) => {
      const { messages, more } = await post.messages.list({
        ...request.query,
        limit: request.query.limit ?? 20,
      });
      return { data: messages.map(message), more };
    },
  );

  app.get(
    "/messages/:id",
    {
      config: sending,
      schema: {
        operationId: "getMessage",
        summary: "One message with every attempt and its transcript",
        params: ById,
        querystring: Type.Object({
          wait: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: longestWaitSeconds,
              description: "Seconds to wait for every recipient to be settled.",
            }),
          ),
        }),
        response: {
          200: Type.Interface([Message], {
            content: Type.Enum(["kept", "removed", "sensitive"], {
              description: "Whether the message itself can be shown, or is no longer kept, or never is.",
            }),
            attempts: Type.Array(Attempt),
          }),
          ...failure,
        },
      },
    },
    async (request) => {
      const seconds = request.query.wait ?? 0;
      const stored = await post.waitFor(request.params.id, { timeoutMs: seconds * 1000 });
      const attempts = await post.messages.attempts(stored.id);
      return {
        ...message(stored),
        content: await post.messages.contentState(stored),
        attempts: attempts.map((one) => attempt(one, stored.recipients)),
      };
    },
  );

  app.get(
    "/messages/:id/source",
    {
      config: sending,
      schema: {
        operationId: "getMessageSource",
        summary: "The message as it is or was sent, byte for byte",
        params: ById,
        response: bytesOf("message/rfc822", "Byte for byte."),
      },
    },
    async (request, reply) => {
      const content = await post.messages.source(request.params.id);
      return reply
        .type("message/rfc822")
        .send(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    },
  );

  const Moved = Type.Object({ moved: Type.Integer({ description: "How many recipients." }) });
  app.post(
    "/messages/:id/retry",
    {
      config: sending,
      schema: {
        operationId: "retryMessage",
        summary: "Try every unsettled or refused recipient again now",
        params: ById,
        response: { 200: Moved, ...failure },
      },
    },
    async (request) => ({ moved: await post.messages.retry(request.params.id) }),
  );
  app.post(
    "/messages/:id/cancel",
    {
      config: sending,
      schema: {
        operationId: "cancelMessage",
        summary: "Cancel what has not been sent",
        params: ById,
        response: { 200: Moved, ...failure },
      },
    },
    async (request) => ({ moved: await post.messages.cancel(request.params.id) }),
  );
  app.post(
    "/messages/:id/confirm",
    {
      config: sending,
      schema: {
        operationId: "confirmMessage",
        summary: "Say that what is `unknown` has arrived: it becomes `sent`",
        params: ById,
        response: { 200: Moved, ...failure },
      },
    },
    async (request) => ({ moved: await post.messages.confirm(request.params.id) }),
  );
}
