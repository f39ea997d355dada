// The HTTP door: Fastify, the OpenAPI document, who may do what, and one shape for every error.
import swagger from "@fastify/swagger";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger, LogController } from "fastify";
import type { Postrider } from "../../postrider.ts";
import { version } from "../../version.ts";
import { accountRoutes } from "./accounts.ts";
import { type Access, authorize } from "./authorize.ts";
import { doctorRoutes } from "./doctor.ts";
import { emailRoutes } from "./emails.ts";
import { ApiError, fromValidation, toApiError } from "./errors.ts";
import { healthRoutes } from "./health.ts";
import type { Http } from "./http.ts";
import { keyRoutes } from "./keys.ts";
import { messageRoutes } from "./messages.ts";
import { providerRoutes } from "./providers.ts";
import { queueRoutes } from "./queue.ts";
import { routeRoutes } from "./routes.ts";
import { sandboxRoutes } from "./sandbox.ts";
import { ErrorShape } from "./schemas.ts";
import { suppressionRoutes } from "./suppressions.ts";
import { testRoutes } from "./tests.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call; `full` when a route says nothing. */
    access?: Access;
  }
}

export interface HttpOptions {
  /** A bearer token that may do everything: the command line's way in. Null for none. */
  readonly adminToken: string | null;
  readonly logger?: FastifyBaseLogger;
}

/** A JSON request grows by a third over the bytes of its attachments (base64), plus its other fields. */
const bodyLimitFor = (messageBytes: number) => Math.ceil((messageBytes * 4) / 3) + 1024 * 1024;

/** An address of 254 octets (RFC 5321 §4.5.3.1.3), most of them percent-encoded. */
const longestParameter = 700;

/** Builds the door without listening. */
export async function buildHttp(post: Postrider, options: HttpOptions): Promise<Http> {
  const app = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitFor(post.limits.messageBytes),
    requestTimeout: 120_000,
    // It says so in the shape of every other error (below).
    return503OnClosing: false,
    routerOptions: { maxParamLength: longestParameter },
  }).withTypeProvider<TypeBoxTypeProvider>() as Http;
  app.setValidatorCompiler(TypeBoxValidatorCompiler);

  app.setErrorHandler((error, request, reply) => {
    const answer = (error as { validation?: unknown }).validation
      ? fromValidation(error)
      : toApiError(error, post.limits);
    // Closing at once would reset the connection while the client is still sending, and the answer would be lost.
    if (answer.statusCode === 413) {
      reply.header("connection", "keep-alive");
      request.raw.resume();
    }
    if (answer.statusCode >= 500) request.log.error({ err: error }, "request failed");
    if (answer.retryAfter !== undefined) reply.header("retry-after", answer.retryAfter);
    reply.code(answer.statusCode).send(answer.body());
  });
  app.setNotFoundHandler((request) => {
    throw new ApiError(
      "not_found",
      `There is nothing at ${request.method} ${request.url.split("?")[0]}. See /openapi.json for what there is.`,
    );
  });
  // A connection from before, on which a request still comes, is not worth keeping.
  app.addHook("onRequest", async (request, reply) => {
    if (!post.stopping) return;
    reply.header("connection", "close");
    if (request.routeOptions.config.access !== "public")
      throw new ApiError("stopping", "Postrider is stopping. Ask again in a moment, once it runs anew.");
  });
  app.addHook("onRequest", authorize(post.keys, options.adminToken));

  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Postrider",
        version,
        description: "Sending follows Resend's API; everything else is under /api/v1.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer", description: "A key made by `postrider key create`." },
        },
      },
      security: [{ key: [] }],
    },
    transform: ({ schema, url, route }) => ({
      // The document has to say which endpoints need no key.
      schema: route.config?.access === "public" ? { ...schema, security: [] } : schema,
      url,
    }),
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema.$id ?? `schema-${index}`),
    },
  });
  app.addSchema(ErrorShape);

  healthRoutes(app, post);
  emailRoutes(app, post);
  app.register(
    async (api) => {
      const typed = api.withTypeProvider<TypeBoxTypeProvider>() as Http;
      accountRoutes(typed, post);
      doctorRoutes(typed, post);
      keyRoutes(typed, post);
      messageRoutes(typed, post);
      providerRoutes(typed);
      queueRoutes(typed, post);
      routeRoutes(typed, post);
      sandboxRoutes(typed, post.sandbox);
      suppressionRoutes(typed, post);
      testRoutes(typed, post);
    },
    { prefix: "/api/v1" },
  );
  app.get("/openapi.json", { schema: { hide: true }, config: { access: "public" } }, async () =>
    app.swagger(),
  );
  return app;
}
