// Routes: which accounts a message may leave through, in which order, and for which messages.
import Type, { type Static } from "typebox";
import type { Route, RouteRule } from "../../accounts/routes.ts";
import type { Postrider } from "../../postrider.ts";
import { ApiError } from "./errors.ts";
import type { Http } from "./http.ts";
import { ByName, failure, LaneName } from "./schemas.ts";

const Accounts = Type.Array(Type.String(), { minItems: 1, description: "Names of accounts, best first." });
/** These two are no unions: an error is to name the field that is wrong. */
const Weights = Type.Unsafe<number[] | null>({
  type: ["array", "null"],
  items: Type.Integer(),
  description:
    "One whole number from 1 for each account: how large its share of the messages is. Null: all go to the first that takes them.",
});
const When = Type.Unsafe<RouteRule | null>({
  type: ["object", "null"],
  properties: {
    senders: Type.Array(Type.String(), {
      description: "Addresses, or `@example.com` for all of a domain.",
    }),
    origins: Type.Array(Type.String(), {
      description: "As a message's `origin` shows them, or a key's id alone, whichever door it comes by.",
    }),
    lanes: Type.Array(LaneName),
  },
  additionalProperties: false,
  description:
    "Which messages leave by this route though they name none: those that fit one entry of each list. Null: only those that name it.",
});
const OnBudget = Type.Enum(["wait", "next"], {
  description: "When an account's budget is spent, its mail waits for it, or goes on to the next account.",
});
const Shown = Type.Object({
  name: Type.String(),
  accounts: Accounts,
  weights: Weights,
  onBudget: OnBudget,
  when: When,
});

/** The cast sheds `readonly`, nothing else. */
const shown = (route: Route) => route as Static<typeof Shown>;

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
        body: Type.Object(
          {
            accounts: Accounts,
            weights: Type.Optional(Weights),
            onBudget: Type.Optional(OnBudget),
            when: Type.Optional(When),
          },
          { additionalProperties: false },
        ),
        response: { 200: Shown, ...failure },
      },
    },
    async (request) => shown(await post.putRoute({ ...request.body, name: request.params.name })),
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
