// A password that can be told anywhere goes through everything the product does, good and bad; it is then looked for,
// in every form in which it could have been written, in all that came out and all that was kept.
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshDirectory, postrider, replica, serve, towards } from "./processes.ts";

const wrong = "Wr0ng-Telltale#Passwort";
const right = "T3lltale'Pa$$w0rt\"ü";

/** Plain, escaped, encoded and hashed the way sign-ins and files write it. */
function formsOf(secret: string, username: string): readonly (readonly [form: string, bytes: Buffer])[] {
  const plain = Buffer.from(secret);
  const forms: [string, string | Buffer][] = [
    ["plain", plain],
    ["latin1", Buffer.from(secret, "latin1")],
    ["utf16", Buffer.from(secret, "utf16le")],
    ["hex", plain.toString("hex")],
    ["in a URL", encodeURIComponent(secret)],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["AUTH PLAIN", Buffer.from(`\0${username}\0${secret}`).toString("base64")],
    ["AUTH PLAIN with identity", Buffer.from(`${username}\0${username}\0${secret}`).toString("base64")],
  ];
  // base64 reads differently by where in a longer text it begins: the middle of each of the three ways is the same.
  for (const before of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(before), plain]).toString("base64");
    const middle = shifted.slice(before === 0 ? 0 : 4, Math.floor(((before + plain.length) * 8) / 6) - 2);
    forms.push([`base64 shifted by ${before}`, middle]);
    forms.push([`base64url shifted by ${before}`, middle.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  return forms.map(([form, text]) => [form, Buffer.from(text)]);
}

function filesIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

test("no secret gets out or is kept in clear", { timeout: 120_000 }, async () => {
  const data = freshDirectory();
  const temporary = freshDirectory();
  mkdirSync(join(temporary, "tmp"));
  const username = "demo@fastmail.com";
  const peer = await replica(["--as", "fastmail", "--username", username, "--secret", right]);
  const {
    said,
    out: serverOut,
    err: serverErr,
    ended,
  } = await serve(data, {
    env: { POSTRIDER_LOG: "trace", TMPDIR: join(temporary, "tmp") },
  });
  const outputs: (readonly [what: string, text: string])[] = [];
  const cli = async (args: readonly string[], run: { input?: string; env?: Record<string, string> } = {}) => {
    const outcome = await postrider([...args, "--data", data], {
      ...run,
      env: { POSTRIDER_LOG: "debug", ...run.env },
    });
    outputs.push([args.join(" "), `${outcome.out}${outcome.err}`]);
    return outcome;
  };
  const { flags } = towards(peer, "tls");
  const mail = ["send", "--to", "ann@example.com", "--subject", "s", "--text", "t", "--wait", "20", "--json"];

  // The right secret: stored, tested with its dialogue shown, used.
  expect(
    (await cli(["account", "add", "good", ...flags, "--password-stdin", "--json"], { input: right })).code,
  ).toBe(0);
  expect((await cli(["account", "test", "good", "--transcript"])).code).toBe(0);
  expect((await cli([...mail, "--account", "good"])).code).toBe(0);
  // By the environment, and not stored.
  const env = { POSTRIDER_PASSWORD: right };
  expect((await cli(["test", ...flags, "--json", "--to", "ann@example.com"], { env })).code).toBe(0);

  // A wrong one: refused by the provider, parks the account.
  expect((await cli(["account", "add", "bad", ...flags, "--password-stdin"], { input: wrong })).code).toBe(0);
  expect((await cli(["test", "bad", "--transcript", "--json"])).code).toBe(1);
  expect((await cli([...mail, "--account", "bad"])).code).toBe(1);
  await cli(["account", "show", "bad", "--json"]);
  // What is refused before anything is stored, and what goes wrong on the way.
  await cli(["account", "add", "bad", ...flags, "--password-stdin"], { input: wrong });
  await cli(
    ["account", "add", "clear", "--host", "mail.example.com", "--port", "25", "--security", "none"].concat(
      "--username",
      username,
      "--password-stdin",
    ),
    { input: wrong },
  );
  await cli(["test", "--host", "127.0.0.1", "--port", "1", "--username", username, "--password-stdin"], {
    input: wrong,
  });
  await cli(["messages", "list", "--json"]);

  // Over HTTP, also where the request is refused or is no JSON.
  const { token } = JSON.parse(readFileSync(join(data, "server.json"), "utf8")) as { token: string };
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const setting = { name: "http", host: "127.0.0.1", port: 1, security: "none", username, password: wrong };
  for (const [method, path, body] of [
    ["POST", "/api/v1/accounts", JSON.stringify(setting)],
    ["POST", "/api/v1/accounts", JSON.stringify({ ...setting, port: "x" })],
    ["POST", "/api/v1/accounts", JSON.stringify({ ...setting, unknown: wrong })],
    ["POST", "/api/v1/accounts", `{"password":"${wrong}"`],
    ["POST", "/api/v1/accounts", JSON.stringify({ ...setting, password: [wrong] })],
    ["POST", "/api/v1/tests", JSON.stringify({ ...setting, name: undefined, from: "a@example.com" })],
    ["POST", "/api/v1/tests", JSON.stringify({ ...setting, name: undefined, accessToken: right })],
    ["PATCH", "/api/v1/accounts/http", JSON.stringify({ password: right, host: "::1" })],
    ["GET", "/api/v1/accounts", undefined],
    ["GET", "/api/v1/accounts/http", undefined],
    ["GET", "/api/v1/messages", undefined],
  ] as const) {
    const response = await fetch(`${said.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    outputs.push([`${method} ${path} ${body}`, await response.text()]);
  }

  process.kill(said.pid, "SIGTERM");
  await ended;
  outputs.push(["the server's output", serverOut()], ["the server's log", serverErr()]);
  expect(serverErr()).toContain("parked");

  const files = [...filesIn(data), ...filesIn(temporary)];
  expect(files.length).toBeGreaterThan(2);
  const places = [
    ...outputs.map(([what, text]) => [what, Buffer.from(text)] as const),
    ...files.map((path) => [path, readFileSync(path)] as const),
  ];
  const found = places.flatMap(([place, bytes]) =>
    [...formsOf(right, username), ...formsOf(wrong, username)]
      .filter(([, form]) => bytes.includes(form))
      .map(([form]) => `${form}: ${place}`),
  );
  expect(found).toEqual([]);
});

test("the search finds what it looks for", () => {
  for (const [, form] of formsOf(right, "u")) expect(form.length).toBeGreaterThan(8);
  for (const before of ["", "a", "ab", "abc"]) {
    const encoded = Buffer.from(`${before}${right}xyz`).toString("base64");
    expect(formsOf(right, "u").some(([, form]) => encoded.includes(form.toString()))).toBe(true);
  }
});
