// Knocks at real doors of this machine: what stands, what is refused, who greets, and how one takes leave.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Lookup } from "../../smtp/options.ts";
import { settingFor, settingOf } from "../names/facts.fixture.ts";
import { here, type Surroundings } from "../surroundings.ts";
import { knock } from "./knock.ts";
import { lookAtControls, lookAtReach } from "./look.ts";

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    // One that reads nothing never sees the other side go.
    socket.resume();
    serve(socket);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const alive = () => new AbortController().signal;
const door = (port: number) => ({ address: "127.0.0.1", family: 4, port }) as const;

describe("a knock", () => {
  test("hears the greeting and takes leave with QUIT", async () => {
    const said: string[] = [];
    const left = Promise.withResolvers<void>();
    const port = await listen((socket) => {
      socket.write("220 mail.own.example ESMTP\r\n");
      socket.on("data", (bytes) => {
        said.push(bytes.toString());
        socket.end("221 bye\r\n");
      });
      socket.on("close", left.resolve);
    });
    const seen = await knock(door(port), { ended: alive(), greetingMs: 5_000 });
    await left.promise;
    expect(seen).toMatchObject({ code: null, greeting: "220 mail.own.example ESMTP\\r\\n", closed: false });
    expect(said).toEqual(["QUIT\r\n"]);
  });

  test("says nothing to what is no mail server, nor where it waits for no greeting", async () => {
    const said: string[] = [];
    const closed: Promise<void>[] = [];
    const port = await listen((socket) => {
      socket.write("SSH-2.0-OpenSSH_9.2\r\n");
      socket.on("data", (bytes) => said.push(bytes.toString()));
      closed.push(new Promise((done) => socket.once("close", () => done())));
    });
    const seen = await knock(door(port), { ended: alive(), greetingMs: 5_000 });
    const silent = await knock(door(port), { ended: alive() });
    await Promise.all(closed);
    expect([seen?.greeting, silent?.greeting]).toEqual(["SSH-2.0-OpenSSH_9.2\\r\\n", null]);
    expect(said).toEqual([]);
  });

  test("tells a door that closes from one that is silent, and both from a shut one", async () => {
    const closing = await listen((socket) => socket.end());
    const silent = await listen(() => undefined);
    const shut = await listen(() => undefined);
    await new Promise((done) => servers.pop()?.close(done));
    const ask = (port: number, greetingMs: number) => knock(door(port), { ended: alive(), greetingMs });
    expect(await ask(closing, 5_000)).toMatchObject({ code: null, greeting: null, closed: true });
    expect(await ask(silent, 20)).toMatchObject({ code: null, greeting: null, closed: false });
    expect(await ask(shut, 20)).toMatchObject({ code: "ECONNREFUSED", greeting: null });
  });

  test("keeps no more of an endless greeting than a line may have", async () => {
    const port = await listen((socket) => socket.write("220".padEnd(100_000, "x")));
    const seen = await knock(door(port), { ended: alive(), greetingMs: 5_000 });
    expect(seen?.greeting).toHaveLength(512);
  });

  test("is nothing at all once everything has ended", async () => {
    expect(await knock(door(9), { ended: AbortSignal.abort() })).toBeNull();
    const end = new AbortController();
    const port = await listen(() => end.abort());
    const cutShort = await knock(door(port), { ended: end.signal, greetingMs: 60_000 });
    expect(cutShort?.greeting ?? null).toBeNull();
  });
});

describe("the look", () => {
  test("each address on its own, three of a family at most, and four connections at a time", async () => {
    const port = await listen((socket) => socket.end("220 own ESMTP\r\n"));
    let standing = 0;
    let most = 0;
    const real = here(alive(), true);
    const surroundings: Surroundings = {
      ...real,
      connecting: (use) =>
        real.connecting(async () => {
          standing += 1;
          most = Math.max(most, standing);
          const done = await use();
          standing -= 1;
          return done;
        }),
    };
    const addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"];
    const lookup: Lookup = async () => addresses.map((address) => ({ address, family: 4 }));
    const seen = await lookAtReach(settingOf("mail.own.example", port), surroundings, lookup);
    expect(seen.own.map(({ address, code }) => [address, code])).toEqual([
      ["127.0.0.1", null],
      ["127.0.0.2", "ECONNREFUSED"],
      ["127.0.0.3", "ECONNREFUSED"],
    ]);
    expect(seen.own[0]?.greeting).toBe("220 own ESMTP\\r\\n");
    expect(seen.ports.map((one) => one.port).toSorted()).toEqual([25, 2525, 465, 587]);
    expect(most).toBeLessThanOrEqual(4);
  });

  test("a proxy is the only one knocked at", async () => {
    const knocks: Socket[] = [];
    const port = await listen((socket) => knocks.push(socket));
    const proxy = { kind: "socks5", host: "127.0.0.1", port } as const;
    const setting = settingOf("smtp.qq.com", 587, { proxy });
    const asked: string[] = [];
    const lookup: Lookup = async (host) => {
      asked.push(host);
      return [];
    };
    const surroundings = here(alive(), true);
    const seen = await lookAtReach(setting, surroundings, lookup);
    expect(seen).toMatchObject({ own: [{ address: "127.0.0.1", port, code: null }], ports: [] });
    const down = { ...seen, own: seen.own.map((one) => ({ ...one, code: "ECONNREFUSED" })) };
    expect(await lookAtControls(setting, surroundings, down, { lookup })).toBe(down);
    expect(asked).toEqual([]);
  });

  test("a name without an address leaves nothing to knock at", async () => {
    const lookup: Lookup = async () => [];
    const seen = await lookAtReach(settingFor("qq", 465), here(alive(), true), lookup);
    expect(seen).toMatchObject({ own: [], ports: [] });
  });

  test("controls are spared where nothing failed, where the person declined, and for this very machine", async () => {
    const never: Lookup = async (host) => {
      throw new Error(`nobody was to ask for ${host}`);
    };
    const at = (address: string, code: string | null) => ({
      own: [{ address, family: 4 as const, port: 587, code, ms: 1, greeting: null, closed: false }],
      ports: [],
      controls: { web: [], elsewhere: [], others: [], nowhere: [] },
      routes: { v4: true, v6: null },
    });
    const setting = settingFor("qq", 587);
    for (const [reach, controls] of [
      [at("203.0.113.7", null), true],
      [at("203.0.113.7", "TIMEOUT"), false],
      [at("127.0.0.1", "ECONNREFUSED"), true],
    ] as const)
      expect(await lookAtControls(setting, here(alive(), controls), reach, { lookup: never })).toBe(reach);
  });
});
