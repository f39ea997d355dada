// `post.submit` takes a message as it is: what it says, to whom the envelope says, with the promises of `send`.
import { expect, onTestFinished, test } from "vitest";
import { createPostrider, type Postrider, type PostriderEvent } from "../../src/postrider.ts";
import { freshDirectory } from "./processes.ts";

const message = Buffer.from(
  [
    "Received: from a (a [192.0.2.1]) by b; Thu, 1 Jan 2026 00:00:00 +0000",
    "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; h=from;",
    "\tbh=AAAA; b=BBBB",
    "From:   =?utf-8?q?Gr=C3=BC=C3=9Fe?= <app@example.com>",
    "to: undisclosed-recipients:;",
    "Date: Thu, 1 Jan 2026 00:00:00 +0000",
    "Message-ID: <one@example.com>",
    "Subject: ready made",
    "",
    ".",
    "..two dots,  trailing blanks  ",
    "\u00fc \u4f60\u597d",
    "",
    "",
  ].join("\r\n"),
);

async function started(): Promise<{ post: Postrider; events: PostriderEvent[] }> {
  const events: PostriderEvent[] = [];
  const post = await createPostrider({
    data: freshDirectory(),
    env: {},
    onEvent: (event) => events.push(event),
  });
  onTestFinished(() => post.close());
  return { post, events };
}

const envelope = { from: "bounces+7@example.com", recipients: ["ann@example.com", "ben@example.com"] };

test("byte for byte, to those of the envelope", async () => {
  const { post } = await started();
  const { id, repeated, suppressed } = await post.submit(message, { envelope, lane: "urgent" });
  expect({ repeated, suppressed }).toEqual({ repeated: false, suppressed: [] });
  const stored = await post.waitFor(id);
  expect(stored).toMatchObject({
    messageId: "<one@example.com>",
    lane: "urgent",
    origin: "library",
    envelopeFrom: "bounces+7@example.com",
    recipients: [{ state: "sent" }, { state: "sent" }],
    view: { subject: "ready made" },
  });
  const [caught] = post.sandbox!.list();
  expect(caught!.envelope).toEqual({ from: envelope.from, to: envelope.recipients });
  expect(Buffer.from(post.sandbox!.source(caught!.id)!).equals(message)).toBe(true);
});

test("the same key and body stand for one message; another body is refused", async () => {
  const { post } = await started();
  const submit = (bodyHash: string) =>
    post.submit(message, { envelope }, { origin: "smtp:k", idempotency: { key: "1", bodyHash } });
  const first = await submit("a");
  expect(await submit("a")).toEqual({ ...first, repeated: true });
  await expect(submit("b")).rejects.toMatchObject({ problem: "idempotency-conflict" });
});

test("a rule chooses the route of what names none, by sender, door and lane", async () => {
  const { post } = await started();
  await post.addAccount({
    name: "second",
    host: "127.0.0.1",
    port: 1,
    security: "none",
    from: "own@example.org",
  });
  await post.putRoute({ name: "by-sender", accounts: ["second"], when: { senders: ["@example.com"] } });
  await post.putRoute({
    name: "by-door",
    accounts: ["second"],
    when: { origins: ["smtp:k"], lanes: ["bulk"] },
  });
  const routeOf = async (sent: Promise<{ id: string }>) => (await post.messages.get((await sent).id)).route;
  const later = { notBefore: Date.now() + 3_600_000 };
  expect(await routeOf(post.submit(message, { envelope, ...later }))).toBe("by-sender");
  expect(await routeOf(post.submit(message, { envelope, ...later, route: "sandbox" }))).toBe("sandbox");
  const other = { ...envelope, from: "app@example.net" };
  expect(await routeOf(post.submit(message, { envelope: other, ...later }))).toBeNull();
  const door = { origin: "smtp:k" };
  expect(await routeOf(post.submit(message, { envelope: other, ...later, lane: "bulk" }, door))).toBe(
    "by-door",
  );
  const mail = { to: "ann@example.com", text: "x", ...later };
  // Who names no sender gets that of the account which the rule leads to.
  const { id } = await post.send({ ...mail, lane: "bulk" }, door);
  expect(await post.messages.get(id)).toMatchObject({ route: "by-door", envelopeFrom: "own@example.org" });
  expect(await routeOf(post.send({ ...mail, from: "Ann <ann@EXAMPLE.com>" }))).toBe("by-sender");
});

test("a message that no account of its route can take is refused at once", async () => {
  const { post } = await started();
  const place = { host: "127.0.0.1", port: 1, security: "none" } as const;
  await post.addAccount({ name: "small", ...place, limits: { messageSizeBytes: 100 } });
  const refused = post.submit(message, { envelope, route: "small" });
  await expect(refused).rejects.toMatchObject({ problem: "too-large", message: /small takes at most/ });
  expect((await post.messages.list({ limit: 1 })).messages).toEqual([]);
});

test("what is suppressed is accepted, told and not sent", async () => {
  const { post, events } = await started();
  await post.suppressions.add({ address: "Ann@Example.com" });
  const sent = await post.submit(message, { envelope });
  expect(sent.suppressed).toEqual(["ann@example.com"]);
  const { recipients } = await post.waitFor(sent.id);
  expect(recipients).toMatchObject([{ state: "suppressed" }, { state: "sent" }]);
  expect(events.filter(({ type }) => type === "suppressed")).toMatchObject([
    { id: sent.id, index: 0, address: "ann@example.com", account: null },
  ]);
  expect(post.sandbox!.list()[0]!.envelope.to).toEqual(["ben@example.com"]);
});

test("a listener that fails takes nothing back", async () => {
  const { post } = await started();
  await post.suppressions.add({ address: "ann@example.com" });
  const mistake = new Error("a listener's own mistake");
  const uncaught = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
  onTestFinished(() => process.setUncaughtExceptionCaptureCallback(null));
  const stop = post.onEvent(() => {
    throw mistake;
  });
  const { id } = await post.submit(message, { envelope: { ...envelope, recipients: ["ann@example.com"] } });
  stop();
  expect(await uncaught).toBe(mistake);
  expect(await post.messages.get(id)).toMatchObject({ recipients: [{ state: "suppressed" }] });
});

test("once it stops, nothing more is taken", async () => {
  const { post } = await started();
  const stopped = post.stop();
  expect(await post.unreadiness()).toEqual(["stopping"]);
  await expect(post.submit(message, { envelope })).rejects.toMatchObject({ problem: "stopping" });
  await expect(post.send({ to: "a@example.com", text: "x" })).rejects.toMatchObject({ problem: "stopping" });
  await stopped;
  // What is stored can still be asked for.
  expect((await post.messages.list({ limit: 1 })).messages).toEqual([]);
});
