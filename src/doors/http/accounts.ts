// Accounts: added, looked at, mended. A secret goes in and never comes out.
import Type, { type Static } from "typebox";
import type { Account, SenderPolicy } from "../../accounts/account.ts";
import type { AccountInput } from "../../accounts/accounts.ts";
import type { AlternateInput } from "../../accounts/endpoint.ts";
import { endpointsOf } from "../../accounts/limits.ts";
import type { Postrider } from "../../postrider.ts";
import type { Http } from "./http.ts";
import {
  EffectiveLimitsShape,
  LimitsInputShape,
  LimitsShape,
  shownEffectiveLimits,
  shownLimits,
} from "./limits.ts";
import { ByName, failure, iso, Port, Security, shownVerdict, TextOrNull, VerdictShape } from "./schemas.ts";

/** What describes a login, stored or not. */
export const settingFields = {
  provider: Type.Optional(
    Type.String({ description: "An id of the catalogue; it fills in what is not given." }),
  ),
  host: Type.Optional(Type.String()),
  port: Type.Optional(Port),
  security: Type.Optional(Security),
  unusualPort: Type.Optional(
    Type.Boolean({
      description: "Take a port that is registered for another kind of security: this server is like that.",
    }),
  ),
  serverName: Type.Optional(
    Type.String({ description: "The name the certificate must bear, when it is not the host." }),
  ),
  username: Type.Optional(Type.String()),
  password: Type.Optional(Type.String({ description: "The secret, of the kind the provider wants." })),
  accessToken: Type.Optional(Type.String({ description: "For a test only: it lapses within the hour." })),
  oauth2: Type.Optional(
    Type.Object(
      {
        clientId: Type.String(),
        clientSecret: Type.Optional(Type.String()),
        refreshToken: Type.String(),
        tokenEndpoint: Type.Optional(Type.String({ description: "Default: the provider's." })),
        scopes: Type.Optional(Type.Array(Type.String())),
      },
      { additionalProperties: false },
    ),
  ),
  from: Type.Optional(Type.String()),
  ca: Type.Optional(
    Type.Array(Type.String(), { description: "PEM certificates to trust beside the usual roots." }),
  ),
};

type SettingFields = Static<ReturnType<typeof settingObject>>;
const settingObject = () => Type.Object(settingFields);

/** The setting alone, without what else a body carries, and without what is undefined. */
export function settingOf(fields: SettingFields): Omit<AccountInput, "name"> {
  const names = Object.keys(settingFields) as (keyof SettingFields)[];
  return Object.fromEntries(
    names.map((name) => [name, fields[name]]).filter(([, value]) => value !== undefined),
  );
}

/** What a stored account has beside its setting. None of them a union: an error is to name the field that is wrong. */
const storedFields = {
  alternates: Type.Optional(
    Type.Unsafe<AlternateInput[] | null>({
      type: ["array", "null"],
      items: Type.Object(
        {
          host: Type.String(),
          port: Type.Optional(Port),
          security: Type.Optional(Security),
          unusualPort: settingFields.unusualPort,
        },
        { additionalProperties: false },
      ),
      maxItems: 10,
      description:
        "Further ways to the same service, tried in order while the endpoint fails; the secret is bound to them too. Null: those that the catalogue knows on the same host. An empty list: none.",
    }),
  ),
  senderPolicy: Type.Optional(
    Type.Unsafe<SenderPolicy | null>({
      enum: ["refuse", "own-address", null],
      description:
        "For a message from another address than the account's: `refuse` leaves the account out, `own-address` sends under the account's, with the original in Reply-To. Null: as the message says, but `own-address` when another account failed before and the provider takes only the account's.",
    }),
  ),
  limits: Type.Optional(LimitsInputShape),
};

type StoredFields = Static<ReturnType<typeof storedObject>>;
const storedObject = () => Type.Object(storedFields);

function accountOf(fields: SettingFields & StoredFields): Omit<AccountInput, "name"> {
  const { alternates, senderPolicy, limits } = fields;
  return {
    ...settingOf(fields),
    ...(alternates === undefined ? {} : { alternates }),
    ...(senderPolicy === undefined ? {} : { senderPolicy }),
    ...(limits === undefined ? {} : { limits }),
  };
}

const EndpointShape = Type.Object({ host: Type.String(), port: Type.Integer(), security: Security });

const Shown = Type.Object({
  name: Type.String(),
  provider: TextOrNull,
  endpoint: EndpointShape,
  alternates: Type.Union([Type.Null(), Type.Array(EndpointShape)]),
  endpoints: Type.Array(EndpointShape, {
    description:
      "Every way to the service, in the order in which they are tried; those of the catalogue too.",
  }),
  serverName: TextOrNull,
  username: TextOrNull,
  secretKind: Type.String(),
  from: TextOrNull,
  senderPolicy: Type.Union([Type.Null(), Type.Enum(["refuse", "own-address"])]),
  limits: LimitsShape,
  effectiveLimits: EffectiveLimitsShape,
  default: Type.Boolean(),
  parked: Type.Union([Type.Null(), Type.Object({ at: Type.String(), verdict: VerdictShape })]),
  createdAt: Type.String(),
});

async function shown(post: Postrider, account: Account): Promise<Static<typeof Shown>> {
  return {
    name: account.name,
    provider: account.provider,
    endpoint: { ...account.endpoint },
    alternates: account.alternates === null ? null : account.alternates.map((each) => ({ ...each })),
    endpoints: endpointsOf(account).map((each) => ({ ...each })),
    serverName: account.serverName,
    username: account.username,
    secretKind: account.secretKind,
    from: account.from,
    senderPolicy: account.senderPolicy,
    limits: shownLimits(account.limits),
    effectiveLimits: shownEffectiveLimits(account),
    default: (await post.accounts.default())?.name === account.name,
    parked:
      account.parked === null
        ? null
        : {
            at: iso(account.parked.at),
            verdict: shownVerdict(account.parked.verdict),
          },
    createdAt: iso(account.createdAt),
  };
}

export function accountRoutes(app: Http, post: Postrider): void {
  app.get(
    "/accounts",
    {
      schema: {
        operationId: "listAccounts",
        summary: "Every account",
        response: { 200: Type.Object({ data: Type.Array(Shown) }), ...failure },
      },
    },
    async () => ({
      data: await Promise.all((await post.accounts.list()).map((account) => shown(post, account))),
    }),
  );
  app.post(
    "/accounts",
    {
      schema: {
        operationId: "addAccount",
        summary: "Add an account",
        body: Type.Object(
          { name: Type.String(), ...settingFields, ...storedFields, default: Type.Optional(Type.Boolean()) },
          { additionalProperties: false },
        ),
        response: { 201: Shown, ...failure },
      },
    },
    async (request, reply) => {
      const account = await post.addAccount(
        { name: request.body.name, ...accountOf(request.body) },
        { makeDefault: request.body.default ?? false },
      );
      return reply.code(201).send(await shown(post, account));
    },
  );
  app.get(
    "/accounts/:name",
    {
      schema: {
        operationId: "getAccount",
        summary: "One account",
        params: ByName,
        response: { 200: Shown, ...failure },
      },
    },
    async (request) => shown(post, await post.accounts.get(request.params.name)),
  );
  app.patch(
    "/accounts/:name",
    {
      schema: {
        operationId: "updateAccount",
        summary: "Change an account",
        description:
          "A change of host, port, security or user needs the secret again, and so does a new alternate: it is bound to them. Limits change one by one.",
        params: ByName,
        body: Type.Object(
          { ...settingFields, ...storedFields, default: Type.Optional(Type.Literal(true)) },
          { additionalProperties: false },
        ),
        response: { 200: Shown, ...failure },
      },
    },
    async (request) => {
      const account = await post.updateAccount(request.params.name, accountOf(request.body), {
        makeDefault: request.body.default ?? false,
      });
      return shown(post, account);
    },
  );
  app.delete(
    "/accounts/:name",
    {
      schema: {
        operationId: "removeAccount",
        summary: "Remove an account and its secret",
        params: ByName,
        response: { 200: Type.Object({ removed: Type.String() }), ...failure },
      },
    },
    async (request) => {
      await post.removeAccount(request.params.name);
      return { removed: request.params.name };
    },
  );
  app.post(
    "/accounts/:name/resume",
    {
      schema: {
        operationId: "resumeAccount",
        summary: "Let a parked account and its mail go again",
        params: ByName,
        response: {
          200: Type.Object({
            released: Type.Integer({ description: "How many waiting recipients were let go." }),
          }),
          ...failure,
        },
      },
    },
    async (request) => ({ released: await post.resumeAccount(request.params.name) }),
  );
}
