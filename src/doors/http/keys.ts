// API keys.
import Type, { type Static } from "typebox";
import type { ApiKey } from "../../accounts/keys.ts";
import type { Postrider } from "../../postrider.ts";
import type { Http } from "./http.ts";
import { ById, failure, iso, TextOrNull } from "./schemas.ts";

const Permission = Type.Enum(["full", "sending"]);
const Key = Type.Object({
  id: Type.String(),
  name: Type.String(),
  permission: Permission,
  createdAt: Type.String(),
  revokedAt: TextOrNull,
});

function shown(key: ApiKey): Static<typeof Key> {
  return {
    ...key,
    createdAt: iso(key.createdAt),
    revokedAt: iso(key.revokedAt),
  };
}

export function keyRoutes(app: Http, post: Postrider): void {
  app.post(
    "/keys",
    {
      schema: {
        operationId: "createKey",
        summary: "Make a key; it is shown this once",
        body: Type.Object(
          { name: Type.String(), permission: Type.Optional(Permission) },
          { additionalProperties: false },
        ),
        response: {
          201: Type.Object({ id: Type.String(), name: Type.String(), key: Type.String() }),
          ...failure,
        },
      },
    },
    async (request, reply) => {
      const { key, entry } = await post.keys.create(request.body.name, request.body.permission);
      return reply.code(201).send({ id: entry.id, name: entry.name, key });
    },
  );
  app.get(
    "/keys",
    {
      schema: {
        operationId: "listKeys",
        summary: "List keys, without the keys themselves",
        response: { 200: Type.Object({ data: Type.Array(Key) }), ...failure },
      },
    },
    async () => ({ data: (await post.keys.list()).map(shown) }),
  );
  app.delete(
    "/keys/:id",
    {
      schema: {
        operationId: "revokeKey",
        summary: "Revoke a key, by id or name, at once",
        params: ById,
        response: { 200: Key, ...failure },
      },
    },
    async (request) => shown(await post.keys.revoke(request.params.id)),
  );
}
