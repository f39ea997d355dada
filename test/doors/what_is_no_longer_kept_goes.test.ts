// What has ended is kept for a while and then removed, by a server on its own or by a person at once; what is shown
// says so.
import { expect, test } from "vitest";
import { freshDirectory, json, jsonError, postrider, serve } from "./processes.ts";

interface Shown {
  readonly id: string;
  readonly content: string;
  readonly attempts: readonly { readonly transcript: readonly object[] }[];
}

const send = ["send", "--from", "app@example.com", "--to", "ann@example.com", "--subject", "Hello"];
const nothingKept = { POSTRIDER_RETENTION_CONTENT_DAYS: "0", POSTRIDER_RETENTION_TRANSCRIPT_DAYS: "0" };

test("contents and transcripts go first; the message says so", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  await serve(data, { env: nothingKept });
  const cli = (...args: readonly string[]) => postrider([...args, "--data", data]);
  expect((await cli("prune")).out).toBe("There was nothing to remove.\n");
  const sent = await cli(...send, "--text", "the body", "--wait", "--json");
  const { id } = json<Shown>(sent);
  const later = await cli(...send, "--text", "kept", "--account", "sandbox", "--lane", "bulk", "--json");
  expect(later.code).toBe(0);
  expect(json<Shown>(await cli("messages", "show", id, "--json"))).toMatchObject({ content: "kept" });

  expect(json(await cli("prune", "--json"))).toMatchObject({
    contents: expect.toSatisfy((count: number) => count >= 1),
    messages: 0,
    idempotencyKeys: 0,
  });
  const shown = json<Shown>(await cli("messages", "show", id, "--json"));
  expect(shown).toMatchObject({ content: "removed", attempts: [{ transcript: [] }] });
  expect((await cli("messages", "show", id)).out).toContain("the content is no longer kept");
  const source = await cli("messages", "show", id, "--source", "--json");
  expect(source).toMatchObject({ code: 2, out: "" });
  expect(jsonError(source).message).toContain("0 days after the last recipient has ended");
});

test("messages go last, and a command without a server can do it", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  const sent = await postrider([...send, "--text", "t", "--data", data, "--json"]);
  const { id } = json<Shown>(sent);
  const env = { POSTRIDER_RETENTION_MESSAGE_DAYS: "0" };
  const pruned = await postrider(["prune", "--data", data], { env });
  expect(pruned).toMatchObject({ code: 0, out: expect.stringMatching(/^ {2}messages +1$/m) });
  const shown = await postrider(["messages", "show", id, "--data", data]);
  expect(shown).toMatchObject({ code: 2, err: expect.stringContaining("no longer kept") });
});

test("a retention that cannot be is named", { timeout: 30_000 }, async () => {
  const env = { POSTRIDER_RETENTION_MESSAGE_DAYS: "forever" };
  const refused = await postrider(["queue", "--data", freshDirectory()], { env });
  expect(refused).toMatchObject({
    code: 3,
    err: expect.stringContaining('POSTRIDER_RETENTION_MESSAGE_DAYS is "forever"'),
  });
});
