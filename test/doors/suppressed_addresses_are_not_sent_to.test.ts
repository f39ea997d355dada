// An address that a server knows nobody at comes onto the suppression list by itself; from then on mail to it is
// accepted, told as suppressed and not sent, until a person takes it from the list.
import { Resend } from "resend";
import { expect, test } from "vitest";
import { freshDirectory, json, jsonError, makeKey, postrider, serve } from "./processes.ts";

const gone = "recipient-unknown@fault.test";
const mail = { from: "app@example.com", subject: "Hello", text: "It works." };

interface Shown {
  readonly id: string;
  readonly recipients: readonly { readonly address: string; readonly state: string }[];
}

test("hard bounce to suppressed to sent again", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  const { said, err } = await serve(data);
  const key = await makeKey(data, "full");
  const resend = new Resend(key, { baseUrl: said.url });
  const cli = (...args: readonly string[]) => postrider([...args, "--data", data]);
  const api = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${said.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const settled = async (id: string) => (await api(`/api/v1/messages/${id}?wait=30`)) as unknown as Shown;

  const first = await resend.emails.send({ ...mail, to: gone });
  expect((await settled(first.data!.id)).recipients).toMatchObject([{ state: "bounced" }]);
  expect(await api(`/api/v1/suppressions/${encodeURIComponent(gone)}`)).toMatchObject({
    address: gone,
    reason: "hard-bounce",
    messageId: first.data!.id,
    detail: expect.stringContaining("550"),
  });

  // The door says so, the SDK of Resend does not mind, the log tells it, and the others get theirs.
  const again = await resend.emails.send({
    ...mail,
    to: ["Recipient-Unknown@fault.test", "ann@example.com"],
  });
  expect(again).toMatchObject({ error: null, data: { suppressed: ["Recipient-Unknown@fault.test"] } });
  const { id } = again.data!;
  expect((await settled(id)).recipients.map(({ state }) => state)).toEqual(["suppressed", "sent"]);
  expect((await resend.emails.get(id)).data).toMatchObject({ last_event: "suppressed" });
  expect(err()).toMatch(new RegExp(`"type":"suppressed"[^\\n]*"id":"${id}"`));
  const caught = (await api("/api/v1/sandbox/messages")) as { data: { envelope: { to: string[] } }[] };
  expect(caught.data.map(({ envelope }) => envelope.to)).toEqual([["ann@example.com"]]);

  const shown = await cli("messages", "show", id);
  expect(shown.out).toContain("postrider suppression remove Recipient-Unknown@fault.test\n");
  expect(shown.out).toContain(`postrider messages retry ${id}\n`);
  // Tried again while it stands there, it is suppressed again.
  expect(await cli("messages", "retry", id)).toMatchObject({ code: 0 });
  expect((await settled(id)).recipients.map(({ state }) => state)).toEqual(["suppressed", "sent"]);

  expect(await cli("suppression", "remove", gone)).toMatchObject({ code: 0 });
  expect(await cli("messages", "retry", id)).toMatchObject({ code: 0 });
  // It is tried now, and refused as before.
  expect((await settled(id)).recipients.map(({ state }) => state)).toEqual(["bounced", "sent"]);
});

test("the list is read and edited on the command line", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  await serve(data);
  const cli = (...args: readonly string[]) => postrider(["suppression", ...args, "--data", data]);
  expect((await cli("list")).out).toBe("Nothing is on the suppression list.\n");
  expect(await cli("add", "Ben@Example.com", "--reason", "complaint", "--detail", "called us")).toMatchObject(
    {
      code: 0,
      out: "Nothing is sent to ben@example.com any more.\n",
    },
  );
  expect(json(await cli("add", "ann+x@example.com", "--json"))).toEqual({
    address: "ann+x@example.com",
    reason: "manual",
    detail: "",
    messageId: null,
    at: expect.stringMatching(/Z$/),
  });
  const table = await cli("list");
  expect(table.out).toMatch(/^ADDRESS +REASON +SINCE +WHAT WAS HEARD$/m);
  expect(table.out).toMatch(/^ben@example\.com +complaint +\d{4}-\d\d-\d\d +called us$/m);
  const page = json<{ data: { address: string }[]; more: boolean; next: string | null }>(
    await cli("list", "--limit", "1", "--json"),
  );
  expect(page).toMatchObject({
    data: [{ address: "ann+x@example.com" }],
    more: true,
    next: "ann+x@example.com",
  });
  expect(json(await cli("list", "--after", page.next!, "--json"))).toMatchObject({
    data: [{ address: "ben@example.com" }],
    more: false,
    next: null,
  });
  const sent = await postrider([
    ...["send", "--from", "a@example.com", "--to", "ben@example.com", "--subject", "s", "--text", "t"],
    ...["--data", data],
  ]);
  expect(sent).toMatchObject({
    code: 0,
    out: expect.stringContaining("Not sent to ben@example.com: it is on the suppression list."),
  });

  for (const wrong of [
    ["remove", "nobody@example.com"],
    ["remove", "nobody"],
    ["add", "a@b..c"],
  ]) {
    const refused = await cli(...wrong, "--json");
    expect([wrong, refused.code, refused.out]).toEqual([wrong, 2, ""]);
    expect(jsonError(refused).message).toContain(wrong[1]);
  }
  expect((await cli("remove", "BEN@example.com")).code).toBe(0);
  expect(json(await cli("list", "--json"))).toMatchObject({ data: [{ address: "ann+x@example.com" }] });
});
