// Resend's own SDK, with nothing but its base URL changed.
import { randomUUID } from "node:crypto";
import { Resend } from "resend";
import { beforeAll, expect, test } from "vitest";
import { freshDirectory, makeKey, serve, sharedByTheFile } from "./processes.ts";

const shared = sharedByTheFile();
let url: string;
let key: string;
let sending: string;
let resend: Resend;

beforeAll(async () => {
  const data = freshDirectory(shared);
  ({ url } = (await serve(data, {}, shared)).said);
  key = await makeKey(data, "full", shared);
  sending = await makeKey(data, "sending", shared);
  resend = new Resend(key, { baseUrl: url });
}, 60_000);

const mail = {
  from: "Demo App <app@example.com>",
  to: "ann@example.com",
  subject: "Hello",
  text: "It works.",
};

async function api<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${key}`, ...init.headers },
  });
  return (await response.json()) as Answer;
}

interface Caught {
  readonly id: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly subject: string;
}

/** Waits until the message has left, and finds it in the sandbox. */
async function caught(id: string, subject: string): Promise<{ summary: Caught; source: string }> {
  await api(`/api/v1/messages/${id}?wait=30`);
  const { data } = await api<{ data: readonly Caught[] }>("/api/v1/sandbox/messages?limit=1000");
  const summary = data.find((one) => one.subject === subject);
  if (summary === undefined) throw new Error(`"${subject}" did not arrive`);
  const response = await fetch(`${url}/api/v1/sandbox/messages/${summary.id}/source`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return { summary, source: await response.text() };
}

test("send, with everything a message can have", async () => {
  const subject = `Grüße ${randomUUID()}`;
  const { data, error } = await resend.emails.send({
    from: "Demo App <app@example.com>",
    to: ["ann@example.com", "Ben <ben@example.com>"],
    cc: "cy@example.com",
    bcc: ["dora@example.com"],
    replyTo: "answers@example.com",
    subject,
    text: "plain",
    html: '<p>rich <img src="cid:logo"></p>',
    headers: { "X-Entity-Ref-ID": "42" },
    tags: [{ name: "category", value: "welcome" }],
    attachments: [
      { filename: "notes.txt", content: Buffer.from("attached text") },
      { filename: "logo.png", content: Buffer.from("not a picture"), contentId: "logo" },
    ],
  });
  expect(error).toBeNull();
  const { summary, source } = await caught(data!.id, subject);
  expect(summary.envelope).toEqual({
    from: "app@example.com",
    to: ["ann@example.com", "ben@example.com", "cy@example.com", "dora@example.com"],
  });
  const detail = await api<{
    text: string;
    html: string;
    headers: readonly { name: string; value: string }[];
    attachments: readonly { filename: string; contentId: string | null; size: number }[];
  }>(`/api/v1/sandbox/messages/${summary.id}`);
  const header = (name: string) =>
    detail.headers.find((one) => one.name.toLowerCase() === name.toLowerCase())?.value;
  expect(header("From")).toBe("Demo App <app@example.com>");
  expect(header("Cc")).toBe("cy@example.com");
  expect(header("Reply-To")).toBe("answers@example.com");
  expect(header("X-Entity-Ref-ID")).toBe("42");
  expect(detail.text.trim()).toBe("plain");
  expect(detail.html).toContain("<p>rich <img");
  expect(detail.attachments).toHaveLength(2);
  expect(detail.attachments).toContainEqual(expect.objectContaining({ filename: "notes.txt", size: 13 }));
  expect(detail.attachments).toContainEqual(
    expect.objectContaining({ filename: "logo.png", contentId: expect.stringContaining("logo") }),
  );
  // A blind copy is in the envelope and nowhere else.
  expect(source).not.toContain("dora");
});

test("get tells what was sent and what became of it", async () => {
  const { data } = await resend.emails.send({ ...mail, tags: [{ name: "kind", value: "first" }] });
  await api(`/api/v1/messages/${data!.id}?wait=30`);
  const { data: email, error } = await resend.emails.get(data!.id);
  expect(error).toBeNull();
  expect(email).toMatchObject({
    object: "email",
    id: data!.id,
    message_id: expect.stringMatching(/^<.+@.+>$/),
    from: "Demo App <app@example.com>",
    to: ["ann@example.com"],
    cc: null,
    bcc: null,
    reply_to: null,
    subject: "Hello",
    html: null,
    last_event: "sent",
    scheduled_at: null,
    tags: [{ name: "kind", value: "first" }],
  });
  expect(email!.text!.trim()).toBe("It works.");
  expect(Date.parse(email!.created_at)).toBeGreaterThan(0);
});

test("list pages in both directions", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++)
    ids.unshift((await resend.emails.send({ ...mail, subject: `page ${n}` })).data!.id);
  const list = async (options: Parameters<typeof resend.emails.list>[0]) => {
    const { data, error } = await resend.emails.list(options);
    expect(error).toBeNull();
    return { ids: data!.data.map((one) => one.id), more: data!.has_more, object: data!.object };
  };
  expect(await list({ limit: 2 })).toEqual({ ids: ids.slice(0, 2), more: true, object: "list" });
  expect((await list({ limit: 2, after: ids[1]! })).ids).toEqual(ids.slice(2, 4));
  expect((await list({ limit: 2, before: ids[3]! })).ids).toEqual(ids.slice(1, 3));
  expect(await list({ limit: 2, before: ids[1]! })).toMatchObject({ ids: ids.slice(0, 1), more: false });
});

test("a message for the future says so", async () => {
  const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
  const { data } = await resend.emails.send({ ...mail, scheduledAt });
  expect((await resend.emails.get(data!.id)).data).toMatchObject({
    last_event: "scheduled",
    scheduled_at: scheduledAt,
  });
});

test("the same idempotency key and body stand for one message; another body is refused", async () => {
  const subject = randomUUID();
  const idempotencyKey = randomUUID();
  const send = (text: string) =>
    resend.emails.send({ ...mail, subject, text }, { idempotencyKey }).then(({ data, error }) => ({
      id: data?.id,
      error,
    }));
  // Also when the requests come at once.
  const answers = await Promise.all(Array.from({ length: 5 }, () => send("one")));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(answers[0]!.error).toBeNull();
  expect((await send("two")).error).toMatchObject({ statusCode: 409, name: "invalid_idempotent_request" });
  await api(`/api/v1/messages/${answers[0]!.id}?wait=30`);
  const { data } = await api<{ data: readonly Caught[] }>("/api/v1/sandbox/messages?limit=1000");
  expect(data.filter((one) => one.subject === subject)).toHaveLength(1);
});

test("an idempotency key belongs to the API key that it came with", async () => {
  const idempotencyKey = randomUUID();
  const mine = await resend.emails.send(mail, { idempotencyKey });
  const theirs = await new Resend(sending, { baseUrl: url }).emails.send(
    { ...mail, text: "another" },
    { idempotencyKey },
  );
  expect(theirs.error).toBeNull();
  expect(theirs.data!.id).not.toBe(mine.data!.id);
});

test("errors come in Resend's shape", async () => {
  const with_ = (apiKey: string) => new Resend(apiKey, { baseUrl: url });
  const unknown = await with_("pr_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").emails.send(
    mail,
  );
  expect(unknown.data).toBeNull();
  expect(unknown.error).toMatchObject({ statusCode: 403, name: "invalid_api_key" });
  expect((await with_("nonsense").emails.send(mail)).error).toMatchObject({ name: "invalid_api_key" });

  const missing = await fetch(`${url}/emails`, { method: "POST", body: "{}" });
  expect(missing.status).toBe(401);
  expect(await missing.json()).toMatchObject({ statusCode: 401, name: "missing_api_key" });

  const { error: validation } = await resend.emails.send({ ...mail, to: "not an address" });
  expect(validation).toMatchObject({ statusCode: 422, name: "validation_error" });
  expect(validation!.message).toContain("not an address");

  const { to, ...nobody } = mail;
  const { error: field } = await resend.emails.send(nobody as never);
  expect(field).toMatchObject({ statusCode: 422, name: "missing_required_field" });
  expect(field!.message).toContain("`to`");

  const { error: gone } = await resend.emails.get("01a20000-0000-7000-8000-000000000000");
  expect(gone).toMatchObject({ statusCode: 404, name: "not_found" });

  const { error: fetched } = await resend.emails.send({
    ...mail,
    attachments: [{ filename: "x", path: "https://example.com/x" }],
  });
  expect(fetched).toMatchObject({ statusCode: 422, name: "invalid_attachment" });
});

test("a key that may only send sends, and does nothing else", async () => {
  const restricted = new Resend(sending, { baseUrl: url });
  const { data } = await restricted.emails.send(mail);
  expect((await restricted.emails.get(data!.id)).error).toBeNull();
  const response = await fetch(`${url}/api/v1/accounts`, { headers: { authorization: `Bearer ${sending}` } });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ statusCode: 401, name: "restricted_api_key" });
});
