import { describe, expect, test } from "vitest";
import { provider } from "../providers/catalogue.ts";
import { checkHost, chooseEndpoint, type EndpointInput } from "./endpoint.ts";
import { AccountError } from "./error.ts";

const gmail = provider("gmail");
const netease = provider("163");

function shown(input: EndpointInput, of: typeof gmail | null = gmail): string {
  try {
    const { host, port, security } = chooseEndpoint(input, of);
    return `${host}:${port} ${security}`;
  } catch (error) {
    if (error instanceof AccountError) return error.problem;
    throw error;
  }
}

describe("an endpoint is completed from its provider", () => {
  test.each<[EndpointInput, string]>([
    [{}, "smtp.gmail.com:465 tls"],
    [{ port: 587 }, "smtp.gmail.com:587 starttls"],
    [{ port: 465 }, "smtp.gmail.com:465 tls"],
    [{ security: "starttls" }, "smtp.gmail.com:587 starttls"],
    [{ host: "127.0.0.1", port: 40_123 }, "127.0.0.1:40123 tls"],
    [{ host: "127.0.0.1", port: 40_123, security: "starttls" }, "127.0.0.1:40123 starttls"],
    [{ host: "relay.example.com" }, "relay.example.com:465 tls"],
    [{ host: "SMTP.Gmail.com.", port: 587 }, "smtp.gmail.com:587 starttls"],
    [{ port: 2525 }, "smtp.gmail.com:2525 starttls"],
  ])("%o becomes %s", (input, expected) => {
    expect(shown(input)).toBe(expected);
  });

  test.each(["465", "994", "587"])("NetEase's port %s is implicit TLS, as the catalogue says", (port) => {
    expect(shown({ port: Number(port) }, netease)).toBe(`smtp.163.com:${port} tls`);
  });
});

describe("without a provider the custom of the port decides", () => {
  test.each<[EndpointInput, string]>([
    [{ host: "a.example" }, "a.example:587 starttls"],
    [{ host: "a.example", security: "tls" }, "a.example:465 tls"],
    [{ host: "a.example", security: "none" }, "a.example:25 none"],
    [{ host: "a.example", port: 465 }, "a.example:465 tls"],
    [{ host: "a.example", port: 25 }, "a.example:25 starttls"],
    [{ host: "[::1]", port: 4025, security: "none" }, "::1:4025 none"],
    [{ host: "a.example", port: 4465, security: "tls" }, "a.example:4465 tls"],
  ])("%o becomes %s", (input, expected) => {
    expect(shown(input, null)).toBe(expected);
  });

  test("without a host there is nothing to connect to", () => {
    expect(shown({}, null)).toBe("bad-host");
  });
});

describe("a port that does not fit its security", () => {
  test.each<[EndpointInput, typeof gmail | null]>([
    [{ port: 465, security: "starttls" }, gmail],
    [{ port: 587, security: "tls" }, gmail],
    [{ host: "a.example", port: 465, security: "starttls" }, null],
    [{ host: "a.example", port: 465, security: "none" }, null],
    [{ host: "a.example", port: 587, security: "tls" }, null],
    [{ host: "a.example", port: 25, security: "tls" }, null],
  ])("%o is refused", (input, of) => {
    expect(shown(input, of)).toBe("port-security");
  });

  test("the refusal names the port and both ways out", () => {
    const choose = () => chooseEndpoint({ port: 587, security: "tls" }, gmail);
    expect(choose).toThrow(/587.*starttls.*465/);
  });

  test.each<EndpointInput>([
    { host: "127.0.0.1", port: 587, security: "tls" },
    { host: "localhost", port: 465, security: "starttls" },
    { host: "a.example", port: 587, security: "tls", unusualPort: true },
  ])("%o stands: this machine, or said to be meant", (input) => {
    expect(shown(input, null)).toBe(`${input.host}:${input.port} ${input.security}`);
  });

  test("a security that the provider does not offer names those it does", () => {
    expect(() => chooseEndpoint({ security: "none" }, gmail)).toThrow(/465 \(tls\), 587 \(starttls\)/);
  });
});

test.each([
  "",
  "smtp://a.example",
  "a.example:587",
  "a b",
  "ann@a.example",
  "a.example,",
  "a\r\nb",
  "x".repeat(300),
])("%j is no host", (host) => {
  expect(() => checkHost(host)).toThrow(AccountError);
});

test.each([0, -1, 65_536, 1.5, Number.NaN])("%d is no port", (port) => {
  expect(shown({ host: "a.example", port }, null)).toBe("bad-port");
});
