// The connection died after the final dot: what is not urgent is held, and a person who found out says what became of it.
import { expect, test } from "vitest";
import { freshDirectory, json, jsonError, postrider, serve } from "./processes.ts";

interface Shown {
  readonly id: string;
  readonly recipients: readonly { readonly state: string }[];
}

test("confirm, and nothing else, makes it sent", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  await serve(data);
  const cli = (...args: readonly string[]) => postrider([...args, "--data", data]);
  const send = ["send", "--from", "app@example.com", "--subject", "s", "--text", "t", "--lane", "bulk"];
  const sent = await cli(...send, "--to", "drop-after-dot@fault.test", "--wait", "--json");
  expect(sent.code).toBe(1);
  const { id, recipients } = json<Shown>(sent);
  expect(recipients).toMatchObject([{ state: "unknown" }]);

  const shown = await cli("messages", "show", id);
  for (const way of ["confirm", "retry", "cancel"])
    expect(shown.out).toContain(`postrider messages ${way} ${id}\n`);
  expect(await cli("messages", "confirm", id)).toMatchObject({
    code: 0,
    out: "1 recipient counted as sent.\n",
  });
  expect(json<Shown>(await cli("messages", "show", id, "--json")).recipients).toMatchObject([
    { state: "sent" },
  ]);
  expect((await cli("messages", "show", id)).out).not.toContain("messages confirm");

  // There is nothing more to say.
  const twice = await cli("messages", "confirm", id, "--json");
  expect(twice).toMatchObject({ code: 1, out: "" });
  expect(jsonError(twice)).toMatchObject({ name: "conflict", message: expect.stringContaining("unknown") });
});
