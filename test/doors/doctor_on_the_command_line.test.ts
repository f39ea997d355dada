// `postrider doctor` and `postrider causes` as people and scripts run them: what they say, and how they exit.
import { createServer, type Server } from "node:net";
import { beforeAll, expect, test } from "vitest";
import type { Diagnosis } from "../../src/postrider.ts";
import {
  freshDirectory,
  json,
  jsonError,
  type Outcome,
  outcomeOf,
  postrider,
  type RunningReplica,
  replica,
  type Serving,
  type Started,
  serve,
  sharedByTheFile,
  start,
  towards,
} from "./processes.ts";

const shared = sharedByTheFile();
let server: Started<Serving>;
let gmail: RunningReplica;

beforeAll(async () => {
  [server, gmail] = await Promise.all([
    serve(freshDirectory(shared), {}, shared),
    replica(["--as", "gmail"], shared),
  ]);
}, 60_000);

/** Tests that run side by side share their end as well. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  postrider(args, { env }, shared);

const closed = ["--host", "127.0.0.1", "--port", "1", "--security", "none", "--from", "ann.lee@example.com"];

/** At the replica as somebody whose password is wrong. */
function stranger() {
  const { flags, env } = towards(gmail, "tls");
  const at = flags.indexOf("--username") + 1;
  return {
    args: ["doctor", ...flags.with(at, "ann.lee.42@gmail.com")],
    env: { ...env, POSTRIDER_PASSWORD: "Sommer-und-Meer-1984" },
  };
}

test.concurrent("an account that is well: exit 0, and everything that was looked at", async () => {
  const { code, out, err } = await run(["doctor", "--data", server.said.data]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^Examining account sandbox\n\nAll is well: mail leaves with this setting\. {2}took/);
  expect(out).toContain("What was looked at");
  expect(out).toMatch(/✓ greeting .*220 sandbox\.postrider ESMTP/);
});

test.concurrent("a closed port: exit 1, the cause, what shows it, and what to do; in Chinese as well", async () => {
  const [english, chinese] = await Promise.all([
    run(["doctor", ...closed]),
    run(["doctor", ...closed, "--lang", "zh"]),
  ]);
  expect([english.code, chinese.code]).toEqual([1, 1]);
  const order = ["No mail leaves", "[tcp.refused-by-server]", "Why it is this", "What to do", "✗ ports"];
  const places = order.map((part) => english.out.indexOf(part));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  for (const part of ["此设置无法发信。", "判断依据", "解决办法", "检查结果", "✗ 端口"])
    expect(chinese.out).toContain(part);
});

test.concurrent("a report for a forum says which cause it is, and nothing of whose account", async () => {
  const { args, env } = stranger();
  const { code, out } = await run([...args, "--from", "ann.lee.42@office.internal", "--markdown"], env);
  expect(code).toBe(1);
  expect(out).toContain("@office.internal");
  expect(out).toMatch(/^## postrider doctor: No mail leaves/);
  expect(out).toMatch(/\(`auth\.[a-z-]+`\)/);
  for (const telling of [
    "ann.lee",
    "Sommer",
    "1984",
    Buffer.from("ann.lee.42").toString("base64").slice(0, 12),
  ])
    expect(out).not.toContain(telling);
  const rows = out.split("\n").filter((row) => row.startsWith("|"));
  expect(rows.length).toBeGreaterThan(8);
  for (const row of rows) expect(row.replaceAll("\\|", "").match(/\|/g)).toHaveLength(5);
  expect(out.replace(/(`{3,})[\s\S]*?\1/g, "")).not.toMatch(/(?<!\\)[<>]/);
});

test.concurrent("one JSON value for a machine; one sign-in, and no message", async () => {
  const { args, env } = stranger();
  const outcome = await run([...args, "--json", "--no-controls"], env);
  const diagnosis = json<Diagnosis>(outcome);
  expect(outcome.code).toBe(1);
  expect(Object.keys(diagnosis)).toEqual(
    expect.arrayContaining([
      "verdict",
      "cause",
      "scope",
      "stage",
      "remedy",
      "evidence",
      "findings",
      "transcript",
    ]),
  );
  expect(diagnosis).toMatchObject({ verdict: "failed", scope: "account", stage: "auth" });
  expect(diagnosis.cause).toMatch(/^auth\./);
  expect(diagnosis.remedy?.steps.length).toBeGreaterThan(0);
  for (const finding of diagnosis.findings)
    expect(finding).toMatchObject({
      probe: expect.any(String),
      layer: expect.any(String),
      status: expect.stringMatching(/^(ok|warn|fail|skipped)$/),
      ms: expect.any(Number),
      detail: expect.any(String),
    });
  const said = diagnosis.transcript.filter(({ from }) => from === "client").map(({ text }) => text);
  expect(said.filter((text) => text.startsWith("AUTH"))).toHaveLength(1);
  expect(said.filter((text) => /^(DATA|BDAT)/.test(text))).toEqual([]);
  expect(outcome.out).not.toContain("Sommer");
});

test("watching tells when a server goes away, and an interrupt ends it with the last verdict", async () => {
  const peer = await greeter();
  const { port } = peer.address() as { port: number };
  const flags = ["--host", "127.0.0.1", "--port", `${port}`, "--security", "none", "--no-controls"];
  const child = start({ args: ["doctor", ...flags, "--from", "ann@sandbox.test", "--watch", "1"] });
  let seen = "";
  const told = (text: string) =>
    new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes(text)) resolve();
      });
    });
  const ended = outcomeOf(child);
  await told("What was looked at");
  expect(seen).toContain("All is well");
  seen = "";
  const gone = told("✗ ports: Nothing listens");
  await peer[Symbol.asyncDispose]();
  await gone;
  child.kill("SIGINT");
  const { code, signal, err, out } = await ended;
  expect({ code, signal, err }).toEqual({ code: 1, signal: null, err: "" });
  expect(out).toMatch(/\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}No mail leaves with this setting\. {2}\S/);
});

/** A server that takes whatever it is told. */
async function greeter(): Promise<Server> {
  const peer = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("220 peer.test ESMTP\r\n");
    socket.on("data", (chunk: Buffer) => {
      for (const line of chunk.toString().split("\r\n").slice(0, -1)) {
        socket.write(line === "QUIT" ? "221 2.0.0 bye\r\n" : "250 2.0.0 fine\r\n");
        if (line === "QUIT") socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
  shared(() => void peer.close());
  return peer;
}

test.concurrent("what cannot be asked is refused with what to do instead", async () => {
  const data = ["--data", server.said.data];
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [["doctor", "sandbox", "--host", "mail.example.com", ...data], "not both"],
    [["doctor", "sandbox", "--username", "ann", ...data], "--provider or --host"],
    [["doctor", "nobody", ...data], "postrider account list"],
    [["doctor", "--host", "127.0.0.1", "--to", "ann@example.com"], "--from ADDRESS"],
    [["doctor", "--host", "", "--no-auth"], "--host is empty"],
    [["causes", "auth.bad-credential"], "Did you mean auth.bad-credentials?"],
  ];
  await Promise.all(
    wrong.map(async ([args, advice]) => {
      const outcome = await run([...args, "--json"]);
      expect({ args, code: outcome.code, out: outcome.out }).toEqual({ args, code: 2, out: "" });
      expect(jsonError(outcome).message).toContain(advice);
    }),
  );
});

test.concurrent("the book of causes, as a list and one by one", async () => {
  const [list, one] = await Promise.all([
    run(["causes", "--json"]),
    run(["causes", "tcp.refused-by-server", "--lang", "zh"]),
  ]);
  const { data } = json<{ data: { id: string; layer: string; title: string }[] }>(list);
  expect(data.length).toBeGreaterThan(150);
  expect(data).toContainEqual(expect.objectContaining({ id: "tcp.refused-by-server", layer: "tcp" }));
  expect(one.code).toBe(0);
  for (const part of ["[tcp.refused-by-server]", "表现", "解决办法"]) expect(one.out).toContain(part);
});
