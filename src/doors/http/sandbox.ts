// The sandbox's mail, as the developer who sent it wants to see it.
import Type from "typebox";
import type { Catcher } from "../../sandbox/catcher.ts";
import { ApiError } from "./errors.ts";
import type { Http } from "./http.ts";
import { ById, bytesOf, failure, TextOrNull } from "./schemas.ts";

const Summary = Type.Object({
  id: Type.String(),
  envelope: Type.Object({ from: Type.String(), to: Type.Array(Type.String()) }),
  subject: Type.String(),
  size: Type.Integer(),
  receivedAt: Type.String(),
});

const Detail = Type.Interface([Summary], {
  headers: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  text: TextOrNull,
  html: TextOrNull,
  attachments: Type.Array(
    Type.Object({
      index: Type.Integer(),
      filename: TextOrNull,
      contentType: Type.String(),
      size: Type.Integer(),
      contentId: TextOrNull,
    }),
  ),
});

/** `catcher` is null where the sandbox is switched off: then each answer says so. */
export function sandboxRoutes(app: Http, catcher: Catcher | null): void {
  const sending = { access: "sending" } as const;
  const box = () => {
    if (catcher === null) throw new ApiError("not_found", "The sandbox is switched off here.");
    return catcher;
  };
  const unknown = (id: string) =>
    new ApiError("not_found", `The sandbox holds no message "${id}". It keeps the newest only.`);

  app.get(
    "/sandbox/messages",
    {
      config: sending,
      schema: {
        operationId: "listSandboxMessages",
        summary: "Mail the sandbox caught, newest first",
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
        }),
        response: { 200: Type.Object({ data: Type.Array(Summary) }), ...failure },
      },
    },
    async (request) => ({
      data: box()
        .list(request.query.limit ?? 100)
        .map((one) => ({ ...one, envelope: { from: one.envelope.from, to: [...one.envelope.to] } })),
    }),
  );
  app.get(
    "/sandbox/messages/:id",
    {
      config: sending,
      schema: {
        operationId: "getSandboxMessage",
        summary: "One caught message, parsed",
        params: ById,
        response: { 200: Detail, ...failure },
      },
    },
    async (request) => {
      const found = await box().get(request.params.id);
      if (found === null) throw unknown(request.params.id);
      return structuredClone(found) as never;
    },
  );
  app.get(
    "/sandbox/messages/:id/source",
    {
      config: sending,
      schema: {
        operationId: "getSandboxMessageSource",
        summary: "Its bytes",
        params: ById,
        response: bytesOf("message/rfc822", "As they came."),
      },
    },
    async (request, reply) => {
      const source = box().source(request.params.id);
      if (source === null) throw unknown(request.params.id);
      return reply.type("message/rfc822").send(Buffer.from(source));
    },
  );
  app.get(
    "/sandbox/messages/:id/attachments/:index",
    {
      config: sending,
      schema: {
        operationId: "getSandboxAttachment",
        summary: "One attachment's bytes",
        params: Type.Object({ id: Type.String(), index: Type.Integer({ minimum: 0 }) }),
        response: bytesOf("application/octet-stream", "Decoded, whatever type it names itself."),
      },
    },
    async (request, reply) => {
      const attachment = await box().attachment(request.params.id, request.params.index);
      if (attachment === null) throw unknown(`${request.params.id}/attachments/${request.params.index}`);
      // Never rendered by a browser in our own origin: caught mail is foreign content.
      return reply
        .type("application/octet-stream")
        .header("content-disposition", "attachment")
        .send(Buffer.from(attachment.content));
    },
  );
  app.delete(
    "/sandbox/messages",
    {
      config: sending,
      schema: {
        operationId: "clearSandbox",
        summary: "Delete every caught message",
        response: { 200: Type.Object({ deleted: Type.Integer() }), ...failure },
      },
    },
    async () => ({ deleted: box().clear() }),
  );
  app.delete(
    "/sandbox/messages/:id",
    {
      config: sending,
      schema: {
        operationId: "deleteSandboxMessage",
        summary: "Delete one",
        params: ById,
        response: { 200: Type.Object({ deleted: Type.Integer() }), ...failure },
      },
    },
    async (request) => {
      if (!box().delete(request.params.id)) throw unknown(request.params.id);
      return { deleted: 1 };
    },
  );
}
