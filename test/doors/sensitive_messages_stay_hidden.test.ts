// A sensitive message, good or bad in its end: its text, its link and its subject are looked for in everything that
// the server says, logs and answers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshDirectory, json, jsonError, postrider, serve } from "./processes.ts";

const telltales = ["Telltale-Subject", "Telltale-Body", "https://example.com/reset/Telltale-Link"];

test("neither content nor subject is shown anywhere", { timeout: 90_000 }, async () => {
  const data = freshDirectory();
  const { said, err, out, ended } = await serve(data, { env: { POSTRIDER_LOG: "trace" } });
  const { token } = JSON.parse(readFileSync(join(data, "server.json"), "utf8")) as { token: string };
  const heard: (readonly [what: string, text: string])[] = [];
  const api = async (path: string, body?: object) => {
    const response = await fetch(`${said.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    const text = await response.text();
    heard.push([path, text]);
    return text;
  };
  const mail = {
    from: "app@example.com",
    subject: telltales[0],
    text: `${telltales[1]} ${telltales[2]}`,
    html: `<a href="${telltales[2]}">${telltales[1]}</a>`,
    sensitive: true,
    lane: "urgent",
  };
  const ids: string[] = [];
  // Sent, refused, deferred, and one that waits.
  for (const to of ["ann@example.com", "recipient-unknown@fault.test", "mailbox-full@fault.test"])
    ids.push((JSON.parse(await api("/emails", { ...mail, to })) as { id: string }).id);
  const later = new Date(Date.now() + 3_600_000).toISOString();
  ids.push(
    (
      JSON.parse(await api("/emails", { ...mail, to: "cy@example.com", scheduled_at: later })) as {
        id: string;
      }
    ).id,
  );
  for (const id of ids.slice(0, 2)) await api(`/api/v1/messages/${id}?wait=30`);
  // A caller's own mistake with it.
  await api("/emails", { ...mail, to: "no address" });

  for (const id of ids) {
    await api(`/api/v1/messages/${id}`);
    await api(`/emails/${id}`);
    await api(`/api/v1/messages/${id}/source`);
    const shown = await postrider(["messages", "show", id, "--transcript", "--data", data]);
    heard.push([`show ${id}`, shown.out]);
    expect(shown.out).toContain("(sensitive)");
  }
  for (const path of ["/api/v1/messages", "/emails", "/api/v1/queue", "/api/v1/suppressions"])
    await api(path);
  heard.push(["list", (await postrider(["messages", "list", "--data", data])).out]);
  const source = await postrider(["messages", "show", ids[0]!, "--source", "--json", "--data", data]);
  expect(jsonError(source).message).toContain("sensitive");
  expect(json(await postrider(["messages", "show", ids[0]!, "--json", "--data", data]))).toMatchObject({
    subject: "",
    sensitive: true,
    content: "sensitive",
    recipients: [{ state: "sent" }],
  });

  process.kill(said.pid, "SIGTERM");
  await ended;
  heard.push(["log", err()], ["output", out()]);
  expect(err()).toContain(ids[0]);
  const found = heard.flatMap(([what, text]) =>
    telltales.filter((telltale) => text.includes(telltale)).map((telltale) => `${telltale}: ${what}`),
  );
  expect(found).toEqual([]);
  // It left whole.
  const caught = await postrider(["sandbox", "show", "1", "--data", data]);
  for (const telltale of telltales) expect(caught.out).toContain(telltale);
});
