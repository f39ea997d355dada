import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type DialOptions, dial } from "./dial.ts";
import { SmtpFailure, type SmtpFailureFacts } from "./failure.ts";
import { interleave } from "./happy-eyeballs.ts";
import { defaultTimeouts, type ProxySetting } from "./options.ts";
import { printable } from "./printable.ts";
import type { Step } from "./steps.ts";
import { closedPort, neverAnswers } from "./testing.ts";

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const end of cleanup.splice(0)) end();
});

async function listen(onSocket: (socket: Socket) => void, host = "127.0.0.1", port = 0): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined).setNoDelay();
    cleanup.push(() => socket.destroy());
    onSocket(socket);
  });
  cleanup.push(() => server.close());
  server.listen(port, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function optionsFor(host: string, port: number, more: Partial<DialOptions> = {}): DialOptions {
  return { endpoint: { host, port, security: "none" }, timeouts: defaultTimeouts, ...more };
}

const answering = (...addresses: string[]) => ({
  lookup: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
});

async function failureOf(options: DialOptions): Promise<SmtpFailureFacts & { message: string }> {
  const error: unknown = await dial(options).then(
    () => expect.fail("it connected"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SmtpFailure)) throw error;
  return { ...error.facts, message: error.message };
}

async function dialled(options: DialOptions): Promise<{ address: string; greeting: string; steps: Step[] }> {
  const steps: Step[] = [];
  const { socket, address } = await dial({ ...options, onStep: (step) => steps.push(step) });
  cleanup.push(() => socket.destroy());
  const [greeting]: Buffer[] = await once(socket, "data");
  return { address, greeting: String(greeting), steps };
}

describe("resolving", () => {
  it("reports every address of the name", async () => {
    const port = await listen((socket) => socket.end("220 hi\r\n"));
    const { address, steps } = await dialled(
      optionsFor("smtp.test", port, answering("127.0.0.1", "::1", "127.0.0.3")),
    );
    expect(address).toBe(`127.0.0.1:${port}`);
    expect(steps).toMatchObject([
      { stage: "resolve", ok: true, addresses: ["127.0.0.1", "::1", "127.0.0.3"] },
      { stage: "connect", ok: true, detail: `127.0.0.1:${port}` },
    ]);
  });

  it("is left out for an address literal", async () => {
    const port = await listen((socket) => socket.end("220 hi\r\n"));
    const lookup = () => expect.fail("an address was looked up");
    const { steps } = await dialled(optionsFor("127.0.0.1", port, { lookup }));
    expect(steps.map(({ stage }) => stage)).toEqual(["connect"]);
  });

  it("keeps the resolver's code and number", async () => {
    const lookup = () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND", errno: -3007 }));
    const steps: Step[] = [];
    const onStep = (step: Step) => steps.push(step);
    expect(await failureOf(optionsFor("gone.test", 25, { lookup, onStep }))).toMatchObject({
      stage: "resolve",
      kind: "resolve",
      code: "ENOTFOUND",
      errno: -3007,
      certainty: "not-accepted",
    });
    expect(steps).toMatchObject([{ stage: "resolve", ok: false, failure: { facts: { errno: -3007 } } }]);
  });

  it("asks the system when nothing else is given", async () => {
    expect(await failureOf(optionsFor("no such name", 25))).toMatchObject({
      kind: "resolve",
      code: "ENOTFOUND",
    });
  });

  it("fails when the name has no address, or something that is none", async () => {
    const nothing = { kind: "resolve", code: "ENODATA" };
    expect(await failureOf(optionsFor("empty.test", 25, answering()))).toMatchObject(nothing);
    expect(await failureOf(optionsFor("odd.test", 25, answering("localhost")))).toMatchObject(nothing);
  });

  it("ends when the resolver stays silent", async () => {
    const timeouts = { ...defaultTimeouts, connect: 20 };
    const lookup = () => new Promise<never>(() => undefined);
    expect(await failureOf(optionsFor("slow.test", 25, { lookup, timeouts }))).toMatchObject({
      stage: "resolve",
      kind: "timeout",
      code: "TIMEOUT",
    });
  });
});

describe("connecting", () => {
  it("alternates the families, the resolver's first one first, and loses no address", () => {
    const family = fc.constantFrom(4, 6);
    fc.assert(
      fc.property(fc.array(fc.record({ address: fc.string(), family })), (addresses) => {
        const ordered = interleave(addresses);
        expect(new Set(ordered)).toEqual(new Set(addresses));
        expect(ordered).toHaveLength(addresses.length);
        const rarer = Math.min(...[4, 6].map((f) => addresses.filter((a) => a.family === f).length));
        for (let i = 0; i < rarer * 2; i++)
          expect(ordered[i]!.family === addresses[0]!.family).toBe(i % 2 === 0);
      }),
    );
  });

  it("goes on at once when an address refuses", async () => {
    const port = await listen((socket) => socket.end("220 hi\r\n"));
    const { address } = await dialled(optionsFor("smtp.test", port, answering("127.0.0.5", "127.0.0.1")));
    expect(address).toBe(`127.0.0.1:${port}`);
  });

  it("does not wait for an address that stays silent, and closes that attempt", async () => {
    const port = await listen((socket) => socket.end("220 hi\r\n"));
    await neverAnswers(port, (end) => cleanup.push(end));
    const { address } = await dialled(optionsFor("smtp.test", port, answering("127.0.0.2", "127.0.0.1")));
    expect(address).toBe(`127.0.0.1:${port}`);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "TCPConnectWrap")).toEqual([]);
  });

  it("gives the one code when every address says the same, and lists them", async () => {
    const port = await closedPort();
    const failure = await failureOf(optionsFor("smtp.test", port, answering("127.0.0.1", "127.0.0.2")));
    expect(failure).toMatchObject({ stage: "connect", kind: "socket", code: "ECONNREFUSED" });
    expect(failure.attempts?.map(({ address, code }) => [address, code])).toEqual([
      [`127.0.0.1:${port}`, "ECONNREFUSED"],
      [`127.0.0.2:${port}`, "ECONNREFUSED"],
    ]);
    expect(failure.message).toContain("ECONNREFUSED");
  });

  it("gives the code that tells most when they differ", async () => {
    const port = await closedPort();
    const failure = await failureOf(optionsFor("smtp.test", port, answering("255.255.255.255", "127.0.0.1")));
    expect(failure.code).toBe("ECONNREFUSED");
    expect(failure.attempts).toHaveLength(2);
  });

  it("ends in time, and names the address that stayed silent beside the one that refused", async () => {
    const port = await closedPort();
    await neverAnswers(port, (end) => cleanup.push(end));
    const timeouts = { ...defaultTimeouts, connect: 50 };
    const failure = await failureOf(
      optionsFor("smtp.test", port, { ...answering("127.0.0.1", "127.0.0.2"), timeouts }),
    );
    expect(failure).toMatchObject({ stage: "connect", kind: "timeout", code: "TIMEOUT" });
    expect(failure.attempts?.map(({ code }) => code)).toEqual(["ECONNREFUSED", "TIMEOUT"]);
  });

  it("ends when the caller says so", async () => {
    const port = await closedPort();
    await neverAnswers(port, (end) => cleanup.push(end));
    const aborted = { stage: "connect", kind: "aborted", code: "ABORTED" };
    const abort = new AbortController();
    const failing = failureOf(optionsFor("127.0.0.2", port, { signal: abort.signal }));
    abort.abort();
    expect(await failing).toMatchObject(aborted);
    expect(await failureOf(optionsFor("127.0.0.2", port, { signal: AbortSignal.abort() }))).toMatchObject(
      aborted,
    );
  });
});

describe("an HTTP proxy", () => {
  /** Answers the first request with what `answer` makes of it. */
  async function httpProxy(answer: (request: string) => string): Promise<ProxySetting> {
    const port = await listen((socket) =>
      socket.once("data", (request) => socket.write(answer(String(request)), "latin1")),
    );
    return { kind: "http", host: "127.0.0.1", port };
  }

  it("is asked by name, and the far end's first bytes are not lost", async () => {
    let asked = "";
    const proxy = await httpProxy((request) => {
      asked = request;
      return "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n220 behind\r\n";
    });
    const lookup = () => expect.fail("the proxy resolves");
    const { greeting, steps } = await dialled(optionsFor("smtp.test", 587, { proxy, lookup }));
    expect(greeting).toBe("220 behind\r\n");
    expect(asked).toBe("CONNECT smtp.test:587 HTTP/1.1\r\nHost: smtp.test:587\r\n\r\n");
    expect(steps.map(({ stage, ok }) => [stage, ok])).toEqual([["proxy", true]]);
  });

  it("gets name and password, and no step or failure shows them", async () => {
    let asked = "";
    const proxy = await httpProxy((request) => {
      asked = request;
      return `HTTP/1.1 407 No to geheim, ${/Basic .*/.exec(request)?.[0]}\r\n\r\n`;
    });
    const steps: Step[] = [];
    const failure = await failureOf(
      optionsFor("smtp.test", 587, {
        proxy: { ...proxy, username: "user", password: "geheim" },
        onStep: (step) => steps.push(step),
      }),
    );
    expect(asked).toContain(
      `Proxy-Authorization: Basic ${Buffer.from("user:geheim").toString("base64")}\r\n`,
    );
    expect(failure).toMatchObject({
      stage: "proxy",
      kind: "proxy",
      code: "PROXY_REFUSED",
      received: "HTTP/1.1 407 No to ***, Basic ***",
    });
    expect(JSON.stringify([failure, steps])).not.toMatch(/geheim|Z2VoZWlt|dXNlcjpnZWhlaW0/);
  });

  it.each([
    ["is no proxy", "220 mail.test ESMTP\r\n\r\n"],
    ["never ends its head", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}`],
    ["refuses", "HTTP/1.1 403 Forbidden\r\n\r\n"],
  ])("that %s ends the attempt", async (_, answer) => {
    const proxy = await httpProxy(() => answer);
    expect(await failureOf(optionsFor("smtp.test", 587, { proxy }))).toMatchObject({
      stage: "proxy",
      kind: "proxy",
      code: "PROXY_REFUSED",
    });
  });

  it("that cannot be reached, closes or stays silent is the one to blame", async () => {
    const closed = { kind: "http", host: "127.0.0.1", port: await closedPort() } as const;
    const blamed = { stage: "proxy", kind: "proxy" };
    expect(await failureOf(optionsFor("smtp.test", 587, { proxy: closed }))).toMatchObject({
      ...blamed,
      code: "ECONNREFUSED",
    });
    const closing = { ...closed, port: await listen((socket) => socket.end("HTTP/1.1 200")) };
    expect(await failureOf(optionsFor("smtp.test", 587, { proxy: closing }))).toMatchObject({
      ...blamed,
      code: "CLOSED",
    });
    const silent = { ...closed, port: await listen((socket) => socket.resume()) };
    const timeouts = { ...defaultTimeouts, connect: 50 };
    expect(await failureOf(optionsFor("smtp.test", 587, { proxy: silent, timeouts }))).toMatchObject({
      stage: "proxy",
      kind: "timeout",
    });
  });

  it.each([
    "smtp.test\r\nX-Injected: 1",
    "smtp .test",
    "",
    "fe80::1%eth0",
  ])("is never asked for %j", async (host) => {
    const proxy: ProxySetting = { kind: "http", host: "127.0.0.1", port: await closedPort() };
    expect(await failureOf(optionsFor(host, 587, { proxy }))).toMatchObject({
      kind: "local",
      code: "BAD_INPUT",
    });
  });
});

it.each([
  { host: "", port: 3128 },
  { host: "127.0.0.1", port: 0 },
  { host: "127.0.0.1", port: 65_536 },
])("a proxy at %j is bad input", async (at) => {
  for (const kind of ["http", "socks5"] as const)
    expect(await failureOf(optionsFor("smtp.test", 25, { proxy: { kind, ...at } }))).toMatchObject({
      kind: "local",
      code: "BAD_INPUT",
    });
});

describe("a SOCKS5 proxy", () => {
  /** Plays `answers` in turn, one for each write of ours; what we wrote is in `heard`. */
  async function socksProxy(
    ...answers: (readonly number[])[]
  ): Promise<{ proxy: ProxySetting; heard: Buffer[] }> {
    const heard: Buffer[] = [];
    const port = await listen((socket) => {
      const left = [...answers];
      socket.on("data", (bytes: Buffer) => {
        heard.push(bytes);
        // Byte by byte: no answer may depend on how the network cuts it.
        for (const byte of left.shift() ?? []) socket.write(Buffer.from([byte]));
      });
    });
    return { proxy: { kind: "socks5", host: "127.0.0.1", port }, heard };
  }
  const bytes = (text: string) => [...Buffer.from(text)];

  it("is given the name, and the far end's first bytes are not lost", async () => {
    const { proxy, heard } = await socksProxy(
      [5, 0],
      [5, 0, 0, 3, 4, ...bytes("host"), 0, 25, ...bytes("220")],
    );
    const lookup = () => expect.fail("the proxy resolves");
    const { greeting } = await dialled(optionsFor("smtp.test", 587, { proxy, lookup }));
    expect("220".startsWith(greeting)).toBe(true);
    expect(heard.map((part) => [...part])).toEqual([
      [5, 1, 0],
      [5, 1, 0, 3, 9, ...bytes("smtp.test"), 2, 75],
    ]);
  });

  it.each([
    ["10.1.2.3", [1, 10, 1, 2, 3]],
    ["2001:db8::1:ff", [4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0xff]],
    ["::", [4, ...new Array(16).fill(0)]],
  ])("is given the address %s in its own form", async (host, encoded) => {
    const { proxy, heard } = await socksProxy([5, 0], [5, 0, 0, 1, 127, 0, 0, 1, 0, 25, ...bytes("220")]);
    await dialled(optionsFor(host, 25, { proxy }));
    expect([...heard[1]!]).toEqual([5, 1, 0, ...encoded, 0, 25]);
  });

  it("gets name and password when it asks for them", async () => {
    const { proxy, heard } = await socksProxy(
      [5, 2],
      [1, 0],
      [5, 0, 0, 1, 127, 0, 0, 1, 0, 25, ...bytes("220")],
    );
    await dialled(optionsFor("smtp.test", 25, { proxy: { ...proxy, username: "me", password: "pw" } }));
    expect([...heard[0]!]).toEqual([5, 2, 0, 2]);
    expect([...heard[1]!]).toEqual([1, 2, ...bytes("me"), 2, ...bytes("pw")]);
  });

  it.each<[string, (readonly number[])[], RegExp]>([
    [
      "refuses the password",
      [
        [5, 2],
        [1, 1],
      ],
      /refused the user name/,
    ],
    ["has no common sign-in", [[5, 0xff]], /no sign-in/],
    [
      "is refused by the far end",
      [
        [5, 0],
        [5, 5, 0, 1, 0, 0, 0, 0, 0, 0],
      ],
      /connection refused/,
    ],
    ["speaks another version", [[4, 0]], /no SOCKS5/],
    [
      "answers with an unknown address",
      [
        [5, 0],
        [5, 0, 0, 9],
      ],
      /unknown kind/,
    ],
  ])("that %s is the one to blame", async (_, answers, message) => {
    const { proxy } = await socksProxy(...answers);
    const failure = await failureOf(
      optionsFor("smtp.test", 25, { proxy: { ...proxy, username: "me", password: "pw" } }),
    );
    expect(failure).toMatchObject({ stage: "proxy", kind: "proxy", code: "PROXY_REFUSED" });
    expect(failure.message).toMatch(message);
  });

  it("is not given a password longer than the protocol carries", async () => {
    const { proxy } = await socksProxy();
    const options = optionsFor("smtp.test", 25, { proxy: { ...proxy, username: "x".repeat(256) } });
    expect(await failureOf(options)).toMatchObject({ kind: "local", code: "BAD_INPUT" });
  });
});

it("shows a stranger's bytes as printable characters only, within the limit", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(printable(bytes)).toMatch(/^[\x20-\x7e]{0,200}$/);
    }),
  );
});
