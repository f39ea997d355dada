import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { Catcher, type CatcherOptions } from "./catcher.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

function open(options: CatcherOptions = {}): Catcher {
  const catcher = new Catcher(options);
  cleanUp.push(() => catcher.close());
  return catcher;
}

const message = (subject: string, body = "x") => ({
  from: "a@x.example",
  to: ["b@y.example"],
  source: Buffer.from(`From: a@x.example\r\nSubject: ${subject}\r\n\r\n${body}\r\n`),
});

describe("a catcher", () => {
  it("lists the newest first, by their envelope", () => {
    const catcher = open({ now: () => 0 });
    for (const subject of ["one", "two", "three"]) catcher.add(message(subject));
    expect(catcher.list().map((caught) => caught.subject)).toEqual(["three", "two", "one"]);
    expect(catcher.list(1)).toEqual([
      {
        id: "3",
        envelope: { from: "a@x.example", to: ["b@y.example"] },
        subject: "three",
        size: message("three").source.length,
        receivedAt: "1970-01-01T00:00:00.000Z",
      },
    ]);
  });

  it("takes a message apart and gives its very bytes", async () => {
    const source = Buffer.from(
      [
        "From: a@x.example",
        "Subject: =?utf-8?Q?=C3=BC?=",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        'Content-Type: multipart/alternative; boundary="c"',
        "",
        "--c",
        "Content-Type: text/plain",
        "",
        "plain",
        "--c",
        "Content-Type: text/html",
        "",
        "<b>bold</b><script>x</script>",
        "--c--",
        "--b",
        'Content-Type: application/pdf; name="a.pdf"',
        "Content-Disposition: attachment; filename=a.pdf",
        "Content-Transfer-Encoding: base64",
        "",
        "AAEC",
        "--b--",
        "",
      ].join("\r\n"),
    );
    const catcher = open();
    const { id } = catcher.add({ ...message(""), source });
    const caught = await catcher.get(id);
    expect(caught?.headers[1]).toEqual({ name: "Subject", value: "ü" });
    expect(caught?.text?.trim()).toBe("plain");
    expect(caught?.html?.trim()).toBe("<b>bold</b><script>x</script>");
    expect(caught?.attachments).toEqual([
      { index: 0, filename: "a.pdf", contentType: "application/pdf", size: 3, contentId: null },
    ]);
    expect((await catcher.attachment(id, 0))?.content).toEqual(Buffer.from([0, 1, 2]));
    expect(await catcher.attachment(id, 1)).toBeNull();
    expect(catcher.source(id)?.equals(source)).toBe(true);
  });

  it("knows nothing under an id that is none", async () => {
    const catcher = open();
    for (const id of ["1", "", "x", "1 OR 1=1", "-1", "9".repeat(40)]) {
      expect(await catcher.get(id)).toBeNull();
      expect(catcher.source(id)).toBeNull();
      expect(catcher.delete(id)).toBe(false);
    }
  });

  it("deletes one or all, and never uses an id twice", () => {
    const catcher = open();
    const { id } = catcher.add(message("one"));
    catcher.add(message("two"));
    expect(catcher.delete(id)).toBe(true);
    expect(catcher.delete(id)).toBe(false);
    expect(catcher.clear()).toBe(1);
    expect(catcher.list()).toEqual([]);
    expect(catcher.add(message("three")).id).toBe("3");
  });

  it("keeps no more messages and no more bytes than it may", () => {
    const few = open({ maxMessages: 3 });
    for (let index = 0; index < 10; index++) few.add(message(String(index)));
    expect(few.list().map((caught) => caught.subject)).toEqual(["9", "8", "7"]);
    const small = open({ maxBytes: 3_000 });
    for (let index = 0; index < 10; index++) small.add(message(String(index), "x".repeat(900)));
    expect(small.list().map((caught) => caught.subject)).toEqual(["9", "8", "7"]);
    expect(() => small.add(message("huge", "x".repeat(3_001)))).toThrow(RangeError);
    expect(small.list()).toHaveLength(3);
  });

  it("counts again after deletions", () => {
    const catcher = open({ maxMessages: 2 });
    catcher.add(message("1"));
    catcher.add(message("2"));
    catcher.delete("1");
    catcher.add(message("3"));
    expect(catcher.list().map((caught) => caught.subject)).toEqual(["3", "2"]);
  });

  it("keeps its mail in a file over a restart", async () => {
    const directory = await mkdtemp(join(tmpdir(), "postrider-catcher-"));
    cleanUp.push(() => rm(directory, { recursive: true }));
    const path = join(directory, "sandbox.sqlite");
    const first = open({ path, maxMessages: 2 });
    first.add(message("one"));
    first.add(message("two"));
    first.close();
    const second = open({ path, maxMessages: 2 });
    second.add(message("three"));
    expect(second.list().map((caught) => caught.subject)).toEqual(["three", "two"]);
  });

  it("lets nobody else read it, and names a file that it cannot read", async () => {
    const directory = await mkdtemp(join(tmpdir(), "postrider-catcher-"));
    cleanUp.push(() => rm(directory, { recursive: true }));
    const path = join(directory, "sandbox.sqlite");
    open({ path }).add(message("one"));
    for (const file of [path, `${path}-wal`]) expect((await stat(file)).mode & 0o777).toBe(0o600);
    const newer = join(directory, "newer.sqlite");
    const database = new DatabaseSync(newer);
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => open({ path: newer })).toThrow(/newer\.sqlite cannot be opened: .*newer version \(99\)/);
    await writeFile(join(directory, "text"), "this is no database, it is far too long for that".repeat(50));
    expect(() => open({ path: join(directory, "text") })).toThrow(/text cannot be opened: .*not a database/);
  });

  it("tells who waits of the next message, or of one already here", async () => {
    const catcher = open();
    catcher.add(message("old"));
    const waiting = catcher.next();
    const particular = catcher.next({ matches: (caught) => caught.subject === "new" });
    catcher.add(message("other"));
    catcher.add(message("new"));
    expect((await waiting).subject).toBe("other");
    expect((await particular).subject).toBe("new");
    expect((await catcher.next({ after: "0" })).subject).toBe("old");
    expect((await catcher.next({ after: "1" })).subject).toBe("other");
  });

  it("gives up waiting when the time is over or the caller says so", async () => {
    const catcher = open();
    await expect(catcher.next({ timeoutMs: 5 })).rejects.toThrow(/within 5 ms/);
    const controller = new AbortController();
    const waiting = catcher.next({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  it("tells listeners until they stop", () => {
    const catcher = open();
    const seen: string[] = [];
    const stop = catcher.onMessage((caught) => seen.push(caught.subject));
    catcher.add(message("one"));
    stop();
    catcher.add(message("two"));
    expect(seen).toEqual(["one"]);
  });
});
