// The catalogue. Public: it holds nothing of this installation.
import Type from "typebox";
import { detect, provider, providers } from "../../providers/catalogue.ts";
import type { Http } from "./http.ts";
import { ById, failure, TextOrNull } from "./schemas.ts";

/** The entry as src/providers/provider.ts types it; described, not validated: it is ours. */
const Entry = Type.Unsafe<object>({
  type: "object",
  additionalProperties: true,
  description: "A catalogue entry.",
});

export function providerRoutes(app: Http): void {
  const open = { access: "public" } as const;
  app.get(
    "/providers",
    {
      config: open,
      schema: {
        operationId: "listProviders",
        summary: "Every provider of the catalogue",
        response: { 200: Type.Object({ data: Type.Array(Entry) }), ...failure },
      },
    },
    async () => ({ data: [...providers] }),
  );
  app.get(
    "/providers/:id",
    {
      config: open,
      schema: {
        operationId: "getProvider",
        summary: "One provider",
        params: ById,
        response: { 200: Entry, ...failure },
      },
    },
    async (request) => provider(request.params.id),
  );
  app.get(
    "/providers/detect",
    {
      config: { access: "sending" },
      schema: {
        operationId: "detectProvider",
        summary: "Which provider serves an address: by its domain, then by MX records",
        querystring: Type.Object({ address: Type.String() }),
        response: {
          200: Type.Object({
            provider: TextOrNull,
            by: Type.Union([Type.Null(), Type.Enum(["domain", "mx"])]),
            evidence: Type.String(),
          }),
          ...failure,
        },
      },
    },
    async (request) => {
      const found = await detect(request.query.address);
      return { ...found, provider: found.provider?.id ?? null };
    },
  );
}
