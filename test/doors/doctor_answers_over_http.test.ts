// POST /api/v1/doctor: as JSON, as events while it runs, masked, at most four at a time, and over when the client is gone.
import { createServer, type Server, type Socket } from "node:net";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Diagnosis, ShownFinding } from "../../src/postrider.ts";
import { Contract, type Document } from "./openapi.ts";
import { freshDirectory, makeKey, type Serving, type Started, serve, sharedByTheFile } from "./processes.ts";

const shared = sharedByTheFile();
let url: string;
let key: string;
let contract: Contract;
let sandboxPort: number;
let server: Started<Serving>;

beforeAll(async () => {
  const data = freshDirectory(shared);
  server = await serve(data, {}, shared);
  const { said } = server;
  url = said.url;
  sandboxPort = said.sandbox.port;
  key = await makeKey(data, "full", shared);
  contract = new Contract((await (await fetch(`${url}/openapi.json`)).json()) as Document);
}, 60_000);

function ask(body: object, more: { readonly accept?: string; readonly signal?: AbortSignal } = {}) {
  const { accept = "application/json", signal } = more;
  return fetch(`${url}/api/v1/doctor`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", accept },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The answer, held against the document. */
async function told(body: object): Promise<Diagnosis> {
  const response = await ask(body);
  const answer = (await response.json()) as Diagnosis;
  contract.check("diagnose", response.status, response.headers.get("content-type") ?? "", answer);
  expect(response.status).toBe(200);
  return answer;
}

const closed = { host: "127.0.0.1", port: 1, security: "none", from: "ann.lee@example.com" };

test("a good account is well; nothing is sent unless asked", async () => {
  const answer = await told({ account: "sandbox" });
  expect(Object.keys(answer).sort()).toEqual(
    ["cause", "evidence", "findings", "ms", "remedy", "scope", "stage", "transcript", "verdict"].sort(),
  );
  expect(answer.verdict).not.toBe("failed");
  const said = answer.transcript
    .filter(({ from }) => from === "client")
    .map(({ text }) => text.split(" ")[0]);
  expect(said).toEqual(expect.arrayContaining(["MAIL", "RCPT", "QUIT"]));
  expect(said).not.toContain("DATA");
});

test("each finding comes as an event, and the diagnosis last", async () => {
  const response = await ask({ ...closed, language: "zh" }, { accept: "text/event-stream" });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const events = (await response.text())
    .trim()
    .split("\n\n")
    .map((event) => /^event: (\w+)\ndata: (.*)$/s.exec(event)!)
    .map(([, name, data]) => ({ name, data: JSON.parse(data!) as unknown }));
  const last = events.at(-1)!;
  expect(last.name).toBe("diagnosis");
  const diagnosis = last.data as Diagnosis;
  expect(diagnosis).toMatchObject({
    verdict: "failed",
    cause: expect.stringMatching(/^tcp\./),
    stage: "connect",
    remedy: { title: expect.stringMatching(/\p{Script=Han}/u) },
    evidence: [expect.stringMatching(/。$/), ...diagnosis.evidence.slice(1)],
  });
  const before = events.slice(0, -1);
  expect(before.every(({ name }) => name === "finding")).toBe(true);
  const bare = ({ remedy, ...finding }: ShownFinding) => JSON.stringify(finding);
  const live = before.map(({ data }) => bare(data as ShownFinding));
  expect(new Set(live).size).toBe(live.length);
  for (const finding of diagnosis.findings) expect(live).toContain(bare(finding));
  // A refused connection was met by the dialogue and by the knock at the port; it is one thing.
  expect(diagnosis.findings.filter(({ status }) => status === "fail")).toHaveLength(1);
});

test("masked, neither who nor with what is left in it", async () => {
  const setting = {
    ...{ host: "127.0.0.1", port: sandboxPort, security: "none", from: "ann.lee@example.com" },
    ...{ username: "billing-robot", password: "correct horse battery" },
  };
  const open = JSON.stringify(await told(setting));
  expect(open).toMatch(/ann\.lee|billing-robot/);
  expect(open).not.toMatch(/correct horse/);
  const hidden = JSON.stringify(await told({ ...setting, masked: true }));
  expect(hidden).not.toMatch(/ann\.lee|billing-robot|correct horse/i);
  expect(hidden).toContain("***");
});

test("bad requests are named", async () => {
  for (const [body, status, words] of [
    [{ account: "nobody" }, 404, /nobody/],
    [{ ...closed, from: undefined, to: "ben@example.com" }, 422, /from/],
    [{ ...closed, patiently: true }, 422, /patiently/],
    [{ ...closed, controls: "perhaps" }, 422, /controls/],
  ] as const) {
    const response = await ask(body);
    const answer = (await response.json()) as { readonly message: string };
    contract.check("diagnose", response.status, response.headers.get("content-type") ?? "", answer);
    expect([response.status, answer.message]).toEqual([status, expect.stringMatching(words)]);
  }
});

/** A server that takes connections and says nothing. */
async function silent(): Promise<{ readonly port: number; readonly open: ReadonlySet<Socket> }> {
  const open = new Set<Socket>();
  const server = await new Promise<Server>((resolve) => {
    const one = createServer((socket) => {
      open.add(socket);
      socket.on("error", () => undefined).on("close", () => open.delete(socket));
      socket.resume();
    });
    one.listen(0, "127.0.0.1", () => resolve(one));
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, open };
}

test("four at a time; who goes away makes room, and leaves no connection behind", async () => {
  const { port, open } = await silent();
  // A patient run waits a minute for the greeting: what ends sooner was ended by its client.
  const waiting = { host: "127.0.0.1", port, security: "none", from: "ann@example.com", patient: true };
  const away = new AbortController();
  const runs = [1, 2, 3, 4].map((each) =>
    ask(waiting, { signal: away.signal, accept: each % 2 === 0 ? "text/event-stream" : "application/json" })
      .then((response) => response.text())
      .catch((error: unknown) => error),
  );
  await vi.waitFor(() => expect(open.size).toBeGreaterThanOrEqual(4), { timeout: 20_000 });
  const fifth = await ask(closed);
  expect(fifth.status).toBe(429);
  expect(Number(fifth.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await fifth.json()).toMatchObject({
    name: "rate_limit_exceeded",
    message: expect.stringContaining("4"),
  });

  away.abort();
  await Promise.all(runs);
  await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 20_000 });
  await vi.waitFor(async () => expect((await ask(closed)).status).toBe(200), { timeout: 20_000 });
  // That somebody went away is no fault of the server's.
  expect(server.out() + server.err()).not.toContain("request failed");
});
