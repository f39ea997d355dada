// The suppression list: addresses that nothing is sent to any more.
import Type, { type Static } from "typebox";
import type { Postrider, Suppression } from "../../postrider.ts";
import type { Http } from "./http.ts";
import { failure, iso } from "./schemas.ts";

const Reason = Type.Enum(["hard-bounce", "complaint", "manual"]);
const Entry = Type.Object({
  address: Type.String({ description: "In lower case." }),
  reason: Reason,
  detail: Type.String({ description: "What was heard, or noted; one line." }),
  messageId: Type.Union([Type.Null(), Type.String()], { description: "The id of the message that bounced." }),
  at: Type.String(),
});
const ByAddress = Type.Object({ address: Type.String({ minLength: 1, maxLength: 320 }) });

const shown = ({ at, ...entry }: Suppression): Static<typeof Entry> => ({ ...entry, at: iso(at) });

export function suppressionRoutes(app: Http, post: Postrider): void {
  app.get(
    "/suppressions",
    {
      schema: {
        operationId: "listSuppressions",
        summary: "Addresses that nothing is sent to, in order of address",
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
          after: Type.Optional(Type.String({ description: "`next` of the page before." })),
        }),
        response: {
          200: Type.Object({
            data: Type.Array(Entry),
            more: Type.Boolean(),
            next: Type.Union([Type.Null(), Type.String()], { description: "`after` of the next page." }),
          }),
          ...failure,
        },
      },
    },
    async (request) => {
      const { limit = 100, after } = request.query;
      const { entries, more } = await post.suppressions.list(
        after === undefined ? { limit } : { limit, after },
      );
      return { data: entries.map(shown), more, next: more ? (entries.at(-1)?.address ?? null) : null };
    },
  );
  app.get(
    "/suppressions/:address",
    {
      schema: {
        operationId: "getSuppression",
        summary: "Why nothing is sent to an address",
        params: ByAddress,
        response: { 200: Entry, ...failure },
      },
    },
    async (request) => shown(await post.suppressions.get(request.params.address)),
  );
  app.put(
    "/suppressions/:address",
    {
      schema: {
        operationId: "putSuppression",
        summary: "Send nothing to an address any more",
        params: ByAddress,
        body: Type.Object(
          {
            reason: Type.Optional(Reason),
            detail: Type.Optional(Type.String({ description: "A note for later; one line." })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Entry, ...failure },
      },
    },
    async (request) => {
      const { reason, detail } = request.body;
      const entry = await post.suppressions.add({
        address: request.params.address,
        ...(reason === undefined ? {} : { reason: reason as Suppression["reason"] }),
        ...(detail === undefined ? {} : { detail }),
      });
      return shown(entry);
    },
  );
  app.delete(
    "/suppressions/:address",
    {
      schema: {
        operationId: "removeSuppression",
        summary: "Take an address from the list",
        description: "What was not sent to it stays so until it is tried again.",
        params: ByAddress,
        response: { 200: Type.Object({ removed: Type.String() }), ...failure },
      },
    },
    async (request) => {
      await post.suppressions.remove(request.params.address);
      return { removed: request.params.address };
    },
  );
}
