// Asks the cloud's metadata service where we run. Some monitors take that for an attack, so only when a person says so.
import { request } from "node:http";
import { connect } from "node:net";
import type { Surroundings } from "../surroundings.ts";
import type { Mark } from "./marks.ts";

/** The one address of all of these services (RFC 3927 keeps it on the machine's own link). */
const service = "169.254.169.254";

/** It is answered by the host itself or by nobody. Milliseconds. */
const mostTime = 1_000;

/** An answer says who it is in its first bytes. */
const mostBytes = 4_096;

interface Question {
  readonly platform: string;
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it is this platform's own answer and no other service's. */
  readonly isOwn: (answer: Answer) => boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const isNamed = ({ status, body }: Answer) => status === 200 && /^[\w-]+\s*$/.test(body);

/** Amazon's last: others answer its questions too. */
const questions: readonly Question[] = [
  {
    platform: "google-cloud",
    method: "GET",
    path: "/computeMetadata/v1/instance/id",
    headers: { "Metadata-Flavor": "Google" },
    isOwn: ({ headers }) => headers["metadata-flavor"] === "Google",
  },
  {
    platform: "azure",
    method: "GET",
    path: "/metadata/instance/compute/azEnvironment?api-version=2021-02-01&format=text",
    headers: { Metadata: "true" },
    isOwn: ({ status, body }) => status === 200 && /^Azure/.test(body),
  },
  { platform: "hetzner", method: "GET", path: "/hetzner/v1/metadata/instance-id", isOwn: isNamed },
  { platform: "digitalocean", method: "GET", path: "/metadata/v1/id", isOwn: isNamed },
  { platform: "vultr", method: "GET", path: "/v1/instanceid", isOwn: isNamed },
  {
    platform: "oracle",
    method: "GET",
    path: "/opc/v2/instance/id",
    headers: { Authorization: "Bearer Oracle" },
    isOwn: ({ status, body }) => status === 200 && body.startsWith("ocid1."),
  },
  {
    platform: "linode",
    method: "PUT",
    path: "/v1/token",
    headers: { "Metadata-Token-Expiry-Seconds": "60" },
    isOwn: ({ status, body }) => status === 200 && /^\[?"?[\w-]+/.test(body),
  },
  {
    platform: "aws",
    method: "PUT",
    path: "/latest/api/token",
    headers: { "X-aws-ec2-metadata-token-ttl-seconds": "60" },
    isOwn: ({ status, body }) => status === 200 && /^[\w=+/-]+$/.test(body.trim()),
  },
];

/** Null when nobody answers, or somebody that we do not know. Nothing that it says beside its name is kept. */
export async function askMetadata(surroundings: Surroundings): Promise<Mark | null> {
  if (!(await surroundings.connecting(() => isThere(surroundings.ended)))) return null;
  const answers = await Promise.all(
    questions.map(async (question) => {
      const answer = await surroundings.connecting(() => ask(question, surroundings.ended));
      return answer !== null && question.isOwn(answer) ? question.platform : null;
    }),
  );
  const platform = answers.find((one) => one !== null);
  return platform === undefined ? null : { platform, by: `the metadata service at ${service}` };
}

function isThere(ended: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(mostTime)]);
  return new Promise((resolve) => {
    const socket = connect({ host: service, port: 80, signal });
    const end = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

function ask({ method, path, headers }: Question, ended: AbortSignal): Promise<Answer | null> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(mostTime)]);
  return new Promise((resolve) => {
    const asked = request({ host: service, port: 80, method, path, headers, agent: false, signal });
    asked.once("error", () => resolve(null));
    asked.once("response", (response) => {
      let body = "";
      const end = () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        asked.destroy();
      };
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body = (body + chunk).slice(0, mostBytes);
        if (body.length === mostBytes) end();
      });
      response.once("end", end);
      response.once("error", () => resolve(null));
    });
    asked.end();
  });
}
