// What /openapi.json promises is what comes: every operation is called, every answer held against its schema.
import { beforeAll, expect, test } from "vitest";
import { Contract, type Document, operations } from "./openapi.ts";
import { freshDirectory, makeKey, serve, sharedByTheFile } from "./processes.ts";

const shared = sharedByTheFile();
let url: string;
let key: string;
let contract: Contract;

beforeAll(async () => {
  const data = freshDirectory(shared);
  ({ url } = (await serve(data, {}, shared)).said);
  key = await makeKey(data, "full", shared);
  contract = new Contract((await (await fetch(`${url}/openapi.json`)).json()) as Document);
}, 60_000);

/** Calls an operation by its name and checks its answer; `undefined` as the body for bytes. */
async function call<Answer>(
  operationId: string,
  {
    params = {},
    query = "",
    body,
    status,
  }: {
    readonly params?: Readonly<Record<string, string | number>>;
    readonly query?: string;
    readonly body?: unknown;
    readonly status?: number;
  } = {},
): Promise<Answer> {
  const operation = operations(contract.document).find((one) => one.operationId === operationId)!;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name]));
  const response = await fetch(`${url}${path}${query}`, {
    method: operation.method.toUpperCase(),
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const type = response.headers.get("content-type") ?? "";
  const answer = type.startsWith("application/json") ? await response.json() : await response.bytes();
  contract.check(operationId, response.status, type, answer);
  expect([operationId, response.status, answer]).toEqual([
    operationId,
    status ?? expect.toSatisfy((code: number) => code < 300),
    answer,
  ]);
  return answer as Answer;
}

test("the document is sound: every reference resolves, every operation has a name of its own", () => {
  const { document } = contract;
  expect(document.openapi).toBe("3.1.0");
  const ids = operations(document).map(({ operationId }) => operationId);
  expect(ids.every((id) => /^[a-z][A-Za-z]+$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  const resolve = (reference: string) =>
    reference
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, one]) => one!);
  expect(references.length).toBeGreaterThan(0);
  for (const reference of new Set(references))
    expect([reference, resolve(reference)]).not.toContain(undefined);
  for (const { path, summary, responses, ...operation } of operations(document)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const { parameters = [] } = operation as { parameters?: { in: string; name: string }[] };
    const given = parameters.filter((one) => one.in === "path").map(({ name }) => name);
    expect([path, given]).toEqual([path, named]);
    expect([path, summary]).not.toContain(undefined);
    expect(Object.keys(responses).length).toBeGreaterThan(0);
  }
});

test("what needs no key says so, and nothing else", async () => {
  for (const { operationId, path, method, security } of operations(contract.document)) {
    if (path.includes("{")) continue;
    const response = await fetch(`${url}${path}`, { method: method.toUpperCase() });
    await response.body?.cancel();
    const open = security !== undefined && security.length === 0;
    expect([operationId, response.status === 401]).toEqual([operationId, !open]);
  }
});

test("every operation answers what it promises", { timeout: 60_000 }, async () => {
  await call("health");
  await call("ready");

  const providers = await call<{ data: { id: string }[] }>("listProviders");
  expect(providers.data.length).toBeGreaterThan(50);
  expect(await call("getProvider", { params: { id: "gmail" } })).toMatchObject({ id: "gmail" });
  await call("getProvider", { params: { id: "gmial" }, status: 404 });
  expect(await call("detectProvider", { query: "?address=a@gmail.com" })).toMatchObject({
    provider: "gmail",
    by: "domain",
  });

  const made = await call<{ id: string }>("createKey", { body: { name: "another" }, status: 201 });
  await call("createKey", { body: { name: "another" }, status: 409 });
  await call("listKeys");
  await call("revokeKey", { params: { id: made.id } });
  await call("revokeKey", { params: { id: made.id }, status: 404 });

  const account = {
    name: "main",
    provider: "gmail",
    username: "me@gmail.com",
    password: "abcdefghijklmnop",
  };
  expect(await call("addAccount", { body: account, status: 201 })).not.toHaveProperty("password");
  await call("addAccount", { body: account, status: 409 });
  await call("listAccounts");
  await call("getAccount", { params: { name: "main" } });
  await call("updateAccount", { params: { name: "main" }, body: { from: "alias@gmail.com" } });
  await call("updateAccount", { params: { name: "main" }, body: { host: "evil.example" }, status: 422 });
  expect(await call("resumeAccount", { params: { name: "main" } })).toEqual({ released: 0 });
  expect(await call("getAccountBudget", { params: { name: "main" } })).toMatchObject({
    name: "main",
    state: "good",
    budgets: [{ window: "day", limit: 500, spent: 0, nearEnd: false }],
  });
  await call("getAccountBudget", { params: { name: "nobody" }, status: 404 });

  await call("putRoute", { params: { name: "both" }, body: { accounts: ["main", "sandbox"] } });
  await call("listRoutes");
  await call("removeRoute", { params: { name: "both" } });
  await call("removeRoute", { params: { name: "both" }, status: 404 });
  await call("removeAccount", { params: { name: "main" } });
  await call("removeAccount", { params: { name: "sandbox" }, status: 409 });

  expect(await call("testSetting", { body: { account: "sandbox" } })).toMatchObject({
    ok: true,
    cause: null,
  });
  const refused = { host: "127.0.0.1", port: 1, security: "none", from: "a@example.com" };
  expect(await call("testSetting", { body: refused })).toMatchObject({
    ok: false,
    cause: expect.any(String),
    remedy: { title: expect.any(String) },
  });
  expect(await call("diagnose", { body: refused })).toMatchObject({
    verdict: "failed",
    cause: expect.any(String),
    remedy: { title: expect.any(String) },
  });

  const mail = {
    from: "app@example.com",
    to: ["ann@example.com", "recipient-unknown@fault.test"],
    subject: "both ways",
    text: "hello",
    tags: [{ name: "a", value: "b" }],
    attachments: [{ filename: "a.bin", content: Buffer.from([0, 1, 2]).toString("base64") }],
  };
  const { id } = await call<{ id: string }>("sendEmail", { body: mail });
  const detail = await call<{ recipients: { state: string }[] }>("getMessage", {
    params: { id },
    query: "?wait=30",
  });
  expect(detail.recipients.map(({ state }) => state)).toEqual(["sent", "bounced"]);
  await call("getEmail", { params: { id } });
  await call("listEmails");
  await call("listMessages", { query: "?state=bounced" });
  await call("getMessageSource", { params: { id } });
  await call("retryMessage", { params: { id } });
  await call("getMessage", { params: { id }, query: "?wait=30" });
  await call("cancelMessage", { params: { id }, status: 409 });
  const later = {
    ...mail,
    to: ["ann@example.com", "ben@example.com"],
    scheduled_at: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const waiting = await call<{ id: string }>("sendEmail", { body: later });
  expect(await call("getQueue")).toEqual({
    data: expect.arrayContaining([
      expect.objectContaining({ lane: "normal", state: "scheduled", recipients: 2 }),
    ]),
    accounts: [expect.objectContaining({ name: "sandbox", state: "good", verdict: null })],
  });
  expect(await call("cancelMessage", { params: { id: waiting.id } })).toEqual({ moved: 2 });

  type Caught = { id: string; envelope: { from: string; to: string[] }; size: number };
  const { data } = await call<{ data: Caught[] }>("listSandboxMessages");
  const [newest] = data;
  expect(newest).toMatchObject({ subject: "both ways", envelope: { to: ["ann@example.com"] } });
  expect(data.map((one) => Number(one.id))).toEqual(data.map((one) => Number(one.id)).sort((a, b) => b - a));
  const params = { id: newest!.id };
  const source = await call<Uint8Array>("getSandboxMessageSource", { params });
  expect(source.byteLength).toBe(newest!.size);
  expect(await call("getSandboxMessage", { params })).toMatchObject({
    attachments: [{ filename: "a.bin", size: 3 }],
  });
  const attachment = await call<Uint8Array>("getSandboxAttachment", { params: { ...params, index: 0 } });
  expect([...attachment]).toEqual([0, 1, 2]);
  await call("getSandboxAttachment", { params: { ...params, index: 7 }, status: 404 });
  await call("deleteSandboxMessage", { params });
  await call("getSandboxMessage", { params, status: 404 });
  await call("clearSandbox");
  expect(await call("listSandboxMessages")).toEqual({ data: [] });

  const lost = { ...mail, to: "drop-after-dot@fault.test", lane: "bulk" };
  const unknown = await call<{ id: string }>("sendEmail", { body: lost });
  await call("getMessage", { params: unknown, query: "?wait=30" });
  expect(await call("confirmMessage", { params: unknown })).toEqual({ moved: 1 });
  await call("confirmMessage", { params: unknown, status: 409 });

  const address = encodeURIComponent("recipient-unknown@fault.test");
  expect(await call("getSuppression", { params: { address } })).toMatchObject({ reason: "hard-bounce" });
  const noted = { reason: "complaint", detail: "called us" };
  const other = encodeURIComponent("o'x+y/z%@example.com");
  expect(await call("putSuppression", { params: { address: other }, body: noted })).toMatchObject({
    ...noted,
    address: "o'x+y/z%@example.com",
  });
  await call("putSuppression", { params: { address: "nobody" }, body: {}, status: 422 });
  await call("putSuppression", { params: { address: other }, body: { detail: "a\nb" }, status: 422 });
  expect(await call("listSuppressions", { query: "?limit=1" })).toMatchObject({
    data: [{ address: "o'x+y/z%@example.com" }],
    more: true,
    next: "o'x+y/z%@example.com",
  });
  expect(await call("sendEmail", { body: { ...mail, to: "o'x+y/z%@example.com" } })).toMatchObject({
    suppressed: ["o'x+y/z%@example.com"],
  });
  const longest = encodeURIComponent(`${"%".repeat(64)}@${"x".repeat(60)}.example.com`);
  await call("getSuppression", { params: { address: longest }, status: 404 });
  await call("removeSuppression", { params: { address: other } });
  await call("removeSuppression", { params: { address: other }, status: 404 });

  expect(await call("prune")).toEqual({
    contents: 0,
    transcripts: 0,
    messages: 0,
    idempotencyKeys: 0,
    more: false,
  });

  expect(contract.unseen()).toEqual([]);
});
