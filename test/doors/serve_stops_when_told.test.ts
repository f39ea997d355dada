// SIGTERM: nothing more is taken, dialogues in flight end within a limit, what is left stays in the queue. A second
// signal does not wait. Whatever the ending, nothing accepted is lost.
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type HoldingPeer, holdingPeer } from "./holding-peer.ts";
import {
  bin,
  freshDirectory,
  json,
  makeKey,
  postrider,
  type Serving,
  type Started,
  serve,
} from "./processes.ts";

test("a connection that asks for nothing does not keep the server from stopping", async () => {
  const { said, child, ended } = await serve(freshDirectory());
  const idle = connect(Number(new URL(said.url).port), "127.0.0.1");
  idle.on("error", () => undefined);
  onTestFinished(() => void idle.destroy());
  await once(idle, "connect");
  // The server has taken it when it has answered somebody who came later.
  await fetch(`${said.url}/healthz`);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
});

/** Makes the launcher believe that it runs on a Node that is too old, so that it starts the bundled one. */
const oldNode = `data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.0.0" } })`;

test("on an older Node, ending the launcher ends the server it started", async () => {
  const data = freshDirectory();
  const command = [process.execPath, "--import", oldNode, bin];
  const { said, child, ended } = await serve(data, { command });
  expect(said.pid).not.toBe(child.pid);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
  // The data directory is free again.
  const { code } = await postrider(["messages", "list", "--data", data]);
  expect(code).toBe(0);
});

interface Stage {
  readonly data: string;
  readonly peer: HoldingPeer;
  readonly server: Started<Serving>;
  readonly ids: readonly string[];
  /** Asks on one connection that stays open from one request to the next. */
  ask(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
}

/** A server with `count` bulk messages, of which one is in the hands of a peer that does not answer. */
async function stage(count: number, args: readonly string[]): Promise<Stage> {
  const data = freshDirectory();
  const peer = await holdingPeer(onTestFinished);
  const place = ["--host", "127.0.0.1", "--port", String(peer.port), "--security", "none", "--no-auth"];
  const added = await postrider([
    ...["account", "add", "peer", ...place, "--from", "app@example.com", "--default", "--data", data],
    ...["--limit", "connections=1"],
  ]);
  expect(added).toMatchObject({ code: 0 });
  const key = await makeKey(data, "full");
  const server = await serve(data, { args });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask: Stage["ask"] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const asked = request(new URL(path, server.said.url), { method, agent, headers });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(asked, "response");
    let text = "";
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, body: JSON.parse(text) };
  };
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const mail = { to: `r${n}@example.com`, subject: `n ${n}`, text: "kept", lane: "bulk" };
    ids.push((await ask("POST", "/emails", mail)).body.id as string);
  }
  await peer.until(1);
  return { data, peer, server, ids, ask };
}

/** The states of all recipients, read from the data directory that nobody holds any more, delivering nothing. */
async function statesIn(data: string, ids: readonly string[]): Promise<readonly string[]> {
  const { openSqliteStore } = await import("../../src/queue/sqlite/open.ts");
  const store = await openSqliteStore({ directory: data });
  const messages = await Promise.all(ids.map((id) => store.get(id)));
  await store.close();
  return messages.map((message) => message!.recipients[0]!.state);
}

test("a dialogue in flight ends, what has not begun stays, and nothing more is taken", {
  timeout: 60_000,
}, async () => {
  const { data, peer, server, ids, ask } = await stage(3, ["--grace", "30"]);
  expect(await ask("GET", "/readyz")).toMatchObject({ status: 200, body: { status: "ready" } });
  // A request that waits for the outcome holds the connection open, and is answered as things stand.
  const asked = ask("GET", `/api/v1/messages/${ids[0]}?wait=60`);
  // The server has that when it has answered somebody who came later.
  await fetch(`${server.said.url}/healthz`);
  process.kill(server.said.pid, "SIGTERM");
  await expect.poll(server.err, { timeout: 20_000, interval: 10 }).toContain("stopping");
  expect(await asked).toMatchObject({ status: 200, body: { recipients: [{ state: "sending" }] } });
  await expect(fetch(`${server.said.url}/healthz`)).rejects.toThrow();

  peer.answer("250 taken");
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(await statesIn(data, ids)).toEqual(["sent", "queued", "queued"]);
  expect(peer.held).toHaveLength(1);
});

/** A request whose last line is still to come; returns what sends it, and resolves with the answer. */
async function halfSaid(url: string, head: string): Promise<() => Promise<string>> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(`${head}\r\nHost: x\r\n`);
  // The server has read that much when it has answered somebody who came later.
  await fetch(`${url}/healthz`);
  return async () => {
    socket.write("\r\n");
    let heard = "";
    for await (const chunk of socket.setEncoding("utf8")) heard += chunk;
    return heard;
  };
}

test("a server that stops says so to whom it still hears", { timeout: 60_000 }, async () => {
  const { peer, server } = await stage(1, ["--grace", "30"]);
  const { url, pid } = server.said;
  const ready = await halfSaid(url, "GET /readyz HTTP/1.1");
  const list = await halfSaid(url, "GET /emails HTTP/1.1");
  process.kill(pid, "SIGTERM");
  await expect.poll(server.err, { timeout: 20_000, interval: 10 }).toContain("stopping");
  expect(await ready()).toMatch(/^HTTP\/1\.1 503 .*\{"status":"stopping","reasons":\["stopping"\]\}/s);
  expect(await list()).toMatch(/^HTTP\/1\.1 503 .*"name":"stopping","message":"Postrider is stopping/s);
  peer.answer("250 taken");
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test("what does not end within the grace is cut, and goes on at the next start", {
  timeout: 60_000,
}, async () => {
  const { data, peer, server, ids } = await stage(2, ["--grace", "0.2"]);
  process.kill(server.said.pid, "SIGTERM");
  expect(await server.ended).toEqual({ code: 0, signal: null });
  // It may have arrived, and nobody knows.
  expect(await statesIn(data, ids)).toEqual(["unknown", "queued"]);

  peer.answer("250 taken");
  await serve(data);
  await peer.until(2);
  const again = await postrider(["messages", "retry", ids[0]!, "--data", data]);
  expect(again).toMatchObject({ code: 0 });
  await peer.until(3);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)(
  "a second %s leaves at once, with code %i, and loses nothing",
  { timeout: 60_000 },
  async (signal, code) => {
    const { data, peer, server, ids } = await stage(3, ["--grace", "600"]);
    process.kill(server.said.pid, signal);
    await expect.poll(server.err, { timeout: 20_000, interval: 10 }).toContain("stopping");
    process.kill(server.said.pid, signal);
    expect(await server.ended).toEqual({ code, signal: null });

    peer.answer("250 taken");
    await serve(data);
    // The one in flight once more, as its outcome was never recorded, and those that had not begun.
    await peer.until(4);
    const subjects = peer.held.map((content) => /^Subject: (.*)$/m.exec(content)![1]!.trim());
    expect(new Set(subjects)).toEqual(new Set(["n 0", "n 1", "n 2"]));
    await expect
      .poll(
        async () => {
          const shown = await postrider(["messages", "list", "--json", "--data", data]);
          return json<{ data: { id: string; recipients: { state: string }[] }[] }>(shown).data.map(
            ({ recipients }) => recipients[0]!.state,
          );
        },
        { timeout: 30_000, interval: 100 },
      )
      .toEqual(ids.map(() => "sent"));
  },
);
