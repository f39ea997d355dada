// A message that left under the account's own address says so, to whoever looks at it and in the log.
import { expect, test } from "vitest";
import { freshDirectory, json, postrider, serve } from "./processes.ts";

test("under which address it left", { timeout: 60_000 }, async () => {
  const data = freshDirectory();
  const { said, err } = await serve(data);
  const cli = (...args: readonly string[]) => postrider([...args, "--data", data]);
  const place = [
    "--host",
    said.sandbox.host,
    "--port",
    String(said.sandbox.port),
    "--security",
    "none",
    "--no-auth",
  ];
  const own = ["--from", "own@example.org", "--sender-policy", "own-address"];
  expect(await cli("account", "add", "own", ...place, ...own)).toMatchObject({ code: 0 });
  const mail = [
    "send",
    "--to",
    "ann@example.com",
    "--subject",
    "s",
    "--text",
    "t",
    "--account",
    "own",
    "--wait",
  ];
  const sent = await cli(...mail, "--from", "Boss <boss@example.com>", "--json");
  expect(sent.code).toBe(0);
  const { id } = json<{ id: string }>(sent);
  const { out } = await cli("messages", "show", id);
  expect(out).toMatch(/^from +Boss <boss@example\.com>$/m);
  expect(out).toMatch(/^ {2}sent as own@example\.org/m);
  expect(out).toContain(`own  ${said.sandbox.host}:${said.sandbox.port}`);
  expect(err()).toMatch(/"type":"sent"[^\n]*"from":"own@example.org"/);
  const [caught] = json<{ envelope: { from: string } }[]>(await cli("sandbox", "list", "--json"));
  expect(caught!.envelope.from).toBe("own@example.org");

  const asItCame = await cli(...mail, "--from", "own@example.org", "--json");
  expect((await cli("messages", "show", json<{ id: string }>(asItCame).id)).out).not.toContain("sent as");
});
