// Alive, ready, and what this is.
import Type from "typebox";
import type { Postrider } from "../../postrider.ts";
import { version } from "../../version.ts";
import type { Http } from "./http.ts";

export function healthRoutes(app: Http, post: Postrider): void {
  const open = { access: "public" } as const;

  app.get("/", { config: open, schema: { hide: true } }, async () => ({
    name: "Postrider",
    version,
    api: "/openapi.json",
    health: "/healthz",
    start: "Make a key with `npx postrider key create NAME`, then POST /emails.",
  }));

  app.get(
    "/healthz",
    {
      config: open,
      schema: {
        operationId: "health",
        summary: "The process is alive",
        response: { 200: Type.Object({ status: Type.Literal("ok") }) },
      },
    },
    async () => ({ status: "ok" as const }),
  );

  const Readiness = Type.Object({
    status: Type.Enum(["ready", "not-ready", "stopping"]),
    reasons: Type.Array(Type.String()),
  });
  app.get(
    "/readyz",
    {
      config: open,
      schema: {
        operationId: "ready",
        summary: "Mail can be accepted and delivered",
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const reasons = [...(await post.unreadiness())];
      if (reasons.length === 0) return reply.code(200).send({ status: "ready", reasons });
      return reply.code(503).send({ status: post.stopping ? "stopping" : "not-ready", reasons });
    },
  );
}
