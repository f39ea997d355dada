// Routes: ordered lists of accounts.
import Type, { type Static } from "typebox";
import type { Route } from "../../accounts/routes.ts";
import type { Postrider } from "../../postrider.ts";
import { ApiError } from "./errors.ts";
import type { Http } from "./http.ts";
import { ByName, failure } from "./schemas.ts";

const Accounts = Type.Array(Type.String(), { minItems: 1, description: "Names of accounts, best first." });
const Shown = Type.Object({ name: Type.String(), accounts: Accounts });

const shown = ({ name, accounts }: Route): Static<typeof Shown> => ({ name, accounts: [...accounts] });

export function routeRoutes(app: Http, post: Postrider): void {
  app.get(
    "/routes",
    {
      schema: {
        operationId: "listRoutes",
        summary: "Every route",
        response: { 200: Type.Object({ data: Type.Array(Shown) }), ...failure },
      },
    },
    async () => ({ data: post.routes.list().map(shown) }),
  );
  app.put(
    "/routes/:name",
    {
      schema: {
        operationId: "putRoute",
        summary: "Make a route, or replace it",
        params: ByName,
        body: Type.Object({ accounts: Accounts }, { additionalProperties: false }),
        response: { 200: Shown, ...failure },
      },
    },
    async (request) => {
      const route = { name: request.params.name, accounts: request.body.accounts };
      await post.putRoute(route);
      return shown(route);
    },
  );
  app.delete(
    "/routes/:name",
    {
      schema: {
        operationId: "removeRoute",
        summary: "Remove a route",
        params: ByName,
        response: { 200: Type.Object({ removed: Type.String() }), ...failure },
      },
    },
    async (request) => {
      if (!(await post.routes.remove(request.params.name)))
        throw new ApiError("not_found", `There is no route named "${request.params.name}".`);
      return { removed: request.params.name };
    },
  );
}
