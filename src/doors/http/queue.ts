// What waits, how each account stands, and what is no longer kept.
import Type, { type Static } from "typebox";
import { recipientStates } from "../../messages/states.ts";
import type { AccountStanding, Postrider } from "../../postrider.ts";
import type { Http } from "./http.ts";
import { ByName, failure, iso, LaneName, shownVerdict, VerdictShape } from "./schemas.ts";

const VerdictOrNull = Type.Union([Type.Null(), VerdictShape]);
const NumberOrNull = Type.Union([Type.Null(), Type.Integer()]);

const Depth = Type.Object({
  lane: LaneName,
  state: Type.Enum([...recipientStates]),
  recipients: Type.Integer(),
  oldest: Type.String({ description: "When the oldest was accepted." }),
});

const Standing = Type.Object({
  name: Type.String(),
  state: Type.Enum(["good", "parked", "down", "rests"], {
    description:
      "`parked`: at fault until a person mends it; `down`: no endpoint of it answers; `rests`: it met a limit.",
  }),
  since: Type.Union([Type.Null(), Type.String()], { description: "Of `parked`." }),
  until: Type.Union([Type.Null(), Type.String()], {
    description: "When it is tried again; of `down` and `rests`.",
  }),
  verdict: VerdictOrNull,
  endpoints: Type.Array(
    Type.Object({
      endpoint: Type.String(),
      down: Type.Union([Type.Null(), Type.Object({ until: Type.String(), verdict: VerdictShape })]),
    }),
  ),
  unit: Type.Enum(["messages", "recipients"], { description: "What the budgets count." }),
  perSecond: NumberOrNull,
  slowedTo: Type.Union([Type.Null(), Type.Number()], {
    description: "Messages a minute, since its provider complained about the rate.",
  }),
  budgets: Type.Array(
    Type.Object({
      window: Type.Enum(["minute", "hour", "day"]),
      limit: Type.Integer(),
      spent: Type.Integer(),
      keptForUrgent: Type.Integer({ description: "Of the limit, what only urgent mail may spend." }),
      nearEnd: Type.Boolean({ description: "Nine tenths are spent." }),
    }),
  ),
  inHand: Type.Integer({
    description: "Messages that wait for it in this process, or are being handed over.",
  }),
  connections: Type.Object({
    open: Type.Integer(),
    limit: Type.Integer(),
    keptForUrgent: Type.Integer(),
  }),
});

function shown({ name, condition, endpoints, budgets, ...rest }: AccountStanding): Static<typeof Standing> {
  return {
    name,
    state: condition.state,
    since: "since" in condition ? iso(condition.since) : null,
    until: "until" in condition ? iso(condition.until) : null,
    verdict: "verdict" in condition ? shownVerdict(condition.verdict) : null,
    endpoints: endpoints.map(({ endpoint, down }) => ({
      endpoint,
      down: down === null ? null : { until: iso(down.until), verdict: shownVerdict(down.verdict) },
    })),
    budgets: budgets.map((budget) => ({ ...budget })),
    ...rest,
    connections: { ...rest.connections },
  };
}

export function queueRoutes(app: Http, post: Postrider): void {
  app.get(
    "/queue",
    {
      config: { access: "sending" },
      schema: {
        operationId: "getQueue",
        summary: "How many recipients are in which state, by lane, and how each account stands",
        response: {
          200: Type.Object({ data: Type.Array(Depth), accounts: Type.Array(Standing) }),
          ...failure,
        },
      },
    },
    async () => {
      const [depths, standings] = await Promise.all([post.messages.depth(), post.standings.list()]);
      return {
        data: depths.map((depth) => ({ ...depth, oldest: iso(depth.oldest) })),
        accounts: standings.map(shown),
      };
    },
  );
  app.get(
    "/accounts/:name/budget",
    {
      schema: {
        operationId: "getAccountBudget",
        summary: "Whether mail leaves through an account now, and what it may still send",
        params: ByName,
        response: { 200: Standing, ...failure },
      },
    },
    async (request) => shown(await post.standings.get(request.params.name)),
  );
  app.post(
    "/prune",
    {
      schema: {
        operationId: "prune",
        summary: "Remove what is no longer kept, now",
        description:
          "Happens by itself every few minutes. Takes a minute at most; `more` says that there is more.",
        response: {
          200: Type.Object({
            contents: Type.Integer({ description: "Of messages." }),
            transcripts: Type.Integer(),
            messages: Type.Integer(),
            idempotencyKeys: Type.Integer(),
            more: Type.Boolean(),
          }),
          ...failure,
        },
      },
    },
    async () => post.prune(),
  );
}
