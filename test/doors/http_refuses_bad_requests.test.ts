// A bad request is refused with the name of what is wrong, and leaves nothing behind.
import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { freshDirectory, makeKey, serve, sharedByTheFile } from "./processes.ts";

const shared = sharedByTheFile();
let url: string;
let key: string;

beforeAll(async () => {
  const data = freshDirectory(shared);
  ({ url } = (await serve(data, {}, shared)).said);
  key = await makeKey(data, "full", shared);
}, 60_000);

interface Refusal {
  readonly statusCode: number;
  readonly name: string;
  readonly message: string;
}

async function post(
  body: string,
  headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
  path = "/emails",
): Promise<Refusal> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, ...headers },
    body,
  });
  const answer = (await response.json()) as Refusal;
  expect(answer).toEqual({
    statusCode: response.status,
    name: expect.stringMatching(/^[a-z_]+$/),
    message: expect.stringMatching(/\S/),
  });
  return answer;
}

const mail = { from: "app@example.com", to: ["ann@example.com"], subject: "Hello", text: "It works." };
const send = (changes: object) => post(JSON.stringify({ ...mail, ...changes }));

// Of all that is refused here, nothing may have been kept.
afterEach(async () => {
  const response = await fetch(`${url}/emails`, { headers: { authorization: `Bearer ${key}` } });
  expect(await response.json()).toMatchObject({ data: [] });
});

const lineEnds = { "CR LF": "\r\n", LF: "\n", CR: "\r" };

test.each(Object.entries(lineEnds))("a %s in a header or an address is refused", async (_, end) => {
  const injected = `x${end}Bcc: victim@example.com`;
  const refused: readonly (readonly [changes: object, field: RegExp])[] = [
    [{ subject: injected }, /^subject: /],
    [{ from: `Name${end} <app@example.com>` }, /^from: /],
    [{ from: `app@example.com${end}` }, /^from: /],
    [{ to: [`ann@example.com${end}RCPT TO:<victim@example.com>`] }, /^to/],
    [{ cc: [`ann@example.com${end}`] }, /^cc/],
    [{ bcc: [`ann@exa${end}mple.com`] }, /^bcc/],
    [{ reply_to: `ann@example.com${end}Bcc: victim@example.com` }, /^replyTo/],
    [{ headers: { "X-Note": injected } }, /^headers\.X-Note: /],
    [{ headers: { [`X-Note${end}Bcc`]: "victim@example.com" } }, /^headers/],
    [{ attachments: [{ filename: injected, content: "AA==" }] }, /^attachments\[0\]\.filename: /],
    [{ attachments: [{ filename: "x", content: "AA==", content_type: injected }] }, /^attachments\[0\]/],
    [{ attachments: [{ filename: "x", content: "AA==", content_id: injected }] }, /^attachments\[0\]/],
    [{ tags: [{ name: "a", value: injected }] }, /^tags\[0\]\.value: /],
  ];
  for (const [changes, field] of refused) {
    const { statusCode, name, message } = await send(changes);
    expect([changes, statusCode, name]).toEqual([changes, 422, "validation_error"]);
    expect(message).toMatch(field);
  }
});

test("what is no address is refused by name", async () => {
  for (const to of ["plain", "a@", "@b.example", "a b@c.example", "a@b..c", "<>", "a@b@c.example"]) {
    const { statusCode, message } = await send({ to });
    expect([to, statusCode]).toEqual([to, 422]);
    expect(message).toContain(to.replaceAll(/[<>]/g, ""));
  }
  expect(await send({ to: [] })).toMatchObject({ statusCode: 422 });
  expect(await send({ to: Array.from({ length: 5000 }, (_, n) => `a${n}@example.com`) })).toMatchObject({
    statusCode: 422,
    message: expect.stringContaining("5000 recipients"),
  });
});

test("what does not fit the schema is refused by its field", async () => {
  expect(await send({ subjcet: "typo" })).toMatchObject({
    statusCode: 422,
    name: "validation_error",
    message: expect.stringContaining("`subjcet`"),
  });
  expect(await send({ subject: 7 })).toMatchObject({
    statusCode: 422,
    message: expect.stringContaining("`subject`"),
  });
  const { to, ...nobody } = mail;
  expect(await post(JSON.stringify(nobody))).toMatchObject({
    name: "missing_required_field",
    message: expect.stringContaining("`to`"),
  });
  expect(await send({ text: undefined })).toMatchObject({ statusCode: 422 });
  expect(await send({ lane: "slow" })).toMatchObject({ message: expect.stringContaining("`lane`") });
  expect(await send({ expires_at: "tomorrow" })).toMatchObject({
    message: expect.stringContaining("`expires_at`"),
  });
  expect(await send({ expires_at: "2020-01-01T00:00:00Z" })).toMatchObject({ statusCode: 422 });
  expect(await send({ account: "sandbox", route: "sandbox" })).toMatchObject({ statusCode: 422 });
  expect(await send({ account: "nobody" })).toMatchObject({
    statusCode: 404,
    message: expect.stringContaining("nobody"),
  });
  expect(await send({ attachments: [{ filename: "x", content: "not base64!" }] })).toMatchObject({
    statusCode: 422,
    name: "invalid_attachment",
    message: expect.stringContaining("attachments[0]"),
  });
  expect(await send({ attachments: [{ filename: "x" }] })).toMatchObject({ name: "invalid_attachment" });
});

test("what is no JSON is refused", async () => {
  expect(await post("{")).toMatchObject({ statusCode: 422, name: "validation_error" });
  expect(await post("")).toMatchObject({ statusCode: 422, name: "validation_error" });
  expect(await post("[]")).toMatchObject({ statusCode: 422 });
  expect(await post('"text"')).toMatchObject({ statusCode: 422 });
  expect(await post('{"__proto__":{"to":"x"}}')).toMatchObject({ statusCode: 422 });
  expect(await post("a=b", { "content-type": "application/x-www-form-urlencoded" })).toMatchObject({
    statusCode: 415,
    name: "unsupported_media_type",
  });
});

test("an idempotency key has 1 to 256 characters", async () => {
  const keyed = (idempotencyKey: string) =>
    post(JSON.stringify(mail), {
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
    });
  expect(await keyed("k".repeat(257))).toMatchObject({ statusCode: 400, name: "invalid_idempotency_key" });
  expect(await keyed("")).toMatchObject({ statusCode: 400, name: "invalid_idempotency_key" });
});

test("what is not there is not found, in the same shape", async () => {
  expect(await post("{}", {}, "/nowhere")).toMatchObject({ statusCode: 404, name: "not_found" });
  expect(await post("{}", {}, `/api/v1/messages/${randomUUID()}/retry`)).toMatchObject({ statusCode: 404 });
  for (const path of [
    `/emails/${randomUUID()}`,
    "/api/v1/accounts/nobody",
    "/api/v1/messages/x/source",
    "/api/v1/sandbox/messages/9999",
    "/api/v1/providers/nobody",
    "/%00",
    "/..%2f..%2fetc/passwd",
  ]) {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    const answer = (await response.json()) as Refusal;
    expect([path, answer]).toMatchObject([path, { statusCode: 404, name: "not_found" }]);
    expect(response.status).toBe(404);
  }
});
