// The doctor, with each finding as it comes for whoever asks for an event stream.
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import Type, { type Static } from "typebox";
import type { Diagnosis, DoctorOptions, ShownFinding } from "../../doctor/diagnosis.ts";
import { probes } from "../../doctor/finding.ts";
import type { Postrider } from "../../postrider.ts";
import { stages } from "../../smtp/stage.ts";
import { settingFields, settingOf } from "./accounts.ts";
import { ApiError, toApiError } from "./errors.ts";
import type { Http } from "./http.ts";
import { failure, Language, RemedyShape, TextOrNull, TranscriptShape } from "./schemas.ts";

/** Each opens up to four connections and may run programs; more at a time would be a scanner for whoever has a key. */
const atATime = 4;
/** What most runs have ended in, seconds. */
const retryAfter = 15;

const Request = Type.Object(
  {
    account: Type.Optional(
      Type.String({ description: "A stored account; or else the fields of a setting." }),
    ),
    ...settingFields,
    to: Type.Optional(
      Type.String({
        description:
          "Send a real message here and follow it to acceptance; without it nothing is sent. A server that takes its time over it may take a minute longer.",
      }),
    ),
    language: Type.Optional(Language),
    controls: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          "Connect to hosts that are not the provider's, to tell a port that is blocked from a server that is down. Never more than a connection.",
      }),
    ),
    metadata: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          "Ask the cloud's metadata service where this machine runs. Some monitors take that for an attack.",
      }),
    ),
    patient: Type.Optional(
      Type.Boolean({
        default: false,
        description: "Wait a minute for a greeting, for servers that let one wait on purpose.",
      }),
    ),
    masked: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          "For a report that others read: no user name, no local part of an address, no address of this machine. Secrets are never in an answer.",
      }),
    ),
  },
  { additionalProperties: false },
);

const Finding = Type.Object({
  probe: Type.Enum([...probes]),
  layer: Type.String(),
  status: Type.Enum(["ok", "warn", "fail", "skipped"]),
  ms: Type.Number(),
  cause: Type.Optional(Type.String({ description: "An id of the book of causes." })),
  detail: Type.String(),
  remedy: Type.Optional(RemedyShape),
});
const Shown = Type.Object({
  verdict: Type.Enum(["ok", "degraded", "failed"], {
    description: "`degraded`: mail leaves, but not well, or not for long.",
  }),
  cause: Type.Union([Type.Null(), Type.String({ description: "An id of the book of causes." })]),
  scope: TextOrNull,
  stage: Type.Union([Type.Null(), Type.Enum([...stages])]),
  remedy: Type.Union([Type.Null(), RemedyShape]),
  evidence: Type.Array(Type.String(), {
    description: "What shows that it is this cause and not one that looks like it, a sentence each.",
  }),
  findings: Type.Array(Finding, { description: "In the order of layers; of one layer the worst first." }),
  transcript: TranscriptShape,
  ms: Type.Number(),
});

/** The casts shed `readonly`, nothing else. */
const shownFinding = (finding: ShownFinding) => finding as Static<typeof Finding>;
const shown = (diagnosis: Diagnosis) => diagnosis as Static<typeof Shown>;

export function doctorRoutes(app: Http, post: Postrider): void {
  let running = 0;
  app.post(
    "/doctor",
    {
      schema: {
        operationId: "diagnose",
        summary: "Find out why no mail leaves through an account or with a setting",
        description:
          "Takes 15 seconds at most, unless `patient` or `to` let it take longer. With `Accept: text/event-stream`: one `finding` event as each is there, then `diagnosis` (or `error`). A client that goes away ends the run. At most four run at a time; beyond that the answer is 429.",
        body: Request,
        response: { 200: Shown, ...failure },
      },
    },
    async (request, reply) => {
      if (running >= atATime)
        throw new ApiError(
          "rate_limit_exceeded",
          `${atATime} examinations are running already, and more at a time would be a load on this machine and on the servers they look at. Ask again in some seconds.`,
          { retryAfter },
        );
      const { account, to, language, controls, metadata, patient, masked, ...setting } = request.body;
      const gone = whenGone(reply);
      const run = async (onFinding?: (finding: ShownFinding) => void) => {
        const options = {
          signal: gone,
          ...(to === undefined ? {} : { to }),
          ...(language === undefined ? {} : { language: language as "en" | "zh" }),
          ...(controls === undefined ? {} : { controls }),
          ...(metadata === undefined ? {} : { metadata }),
          ...(patient === undefined ? {} : { patient }),
          ...(masked === undefined ? {} : { masked }),
          ...(onFinding === undefined ? {} : { onFinding }),
        } satisfies DoctorOptions;
        running += 1;
        try {
          return shown(await post.doctor(account ?? settingOf(setting), options));
        } finally {
          running -= 1;
        }
      };
      if (!request.headers.accept?.includes("text/event-stream")) {
        try {
          return await run();
        } catch (error) {
          if (!gone.aborted) throw error;
          // Nobody is there to be answered, and nothing is wrong.
          return reply.hijack() as never;
        }
      }

      const stream = new Readable({ read: () => undefined });
      const event = (name: string, data: unknown) =>
        stream.push(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      run((finding) => event("finding", shownFinding(finding)))
        .then((diagnosis) => event("diagnosis", diagnosis))
        .catch((error: unknown) => event("error", toApiError(error, post.limits).body()))
        .finally(() => stream.push(null));
      reply
        .type("text/event-stream")
        .header("cache-control", "no-store")
        .serializer((payload: unknown) => payload as string);
      return reply.send(stream as never);
    },
  );
}

/** Comes when the client closes before it has its whole answer. */
function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort(new Error("the client went away"));
  });
  return gone.signal;
}
