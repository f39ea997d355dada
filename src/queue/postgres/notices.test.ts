// What one node does, the others hear of: by notification, by looking, and after the listening connection was lost.
import { expect, onTestFinished, test } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../test/postgres/proxy.ts";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { Database } from "./database.ts";
import { forgetDeleted, openDocuments } from "./documents.ts";
import { Migrator } from "./migrations.ts";
import { Notices, type NoticesOptions } from "./notices.ts";

type Place = Awaited<ReturnType<typeof freshStoreOptions>>;

/** Long enough that nothing is found by looking. */
const never = { pollMs: 3_600_000, fastPollMs: 3_600_000 };

async function node(place: Place, options: NoticesOptions = {}) {
  const database = new Database({ ...place, connections: 2, statementTimeout: 2_000 });
  await new Migrator(database, { owner: `${Math.random()}`, host: "test", pid: 1, version: "0" }).migrate();
  const modes = new Signals<string>();
  const notices = new Notices(database, { ...options, onMode: (mode) => modes.give(mode) });
  await notices.start();
  onTestFinished(async () => {
    await notices.close();
    await database.close();
  });
  const documents = openDocuments(database, () => notices.documentsChanged());
  return { database, notices, documents, modes };
}

/** What comes, in its order, waited for. */
class Signals<T> {
  readonly #came: T[] = [];
  #wake: (() => void) | null = null;

  give(one: T): void {
    this.#came.push(one);
    this.#wake?.();
  }

  /** The first that fits; what came before it is dropped. */
  async next(fits: (one: T) => boolean = () => true): Promise<T> {
    for (;;) {
      while (this.#came.length > 0) {
        const one = this.#came.shift()!;
        if (fits(one)) return one;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

type Changed = readonly { readonly kind: string; readonly name: string }[] | null;
type Node = Awaited<ReturnType<typeof node>>;

function watch({ notices }: Node) {
  const changes = new Signals<Changed>();
  const work = new Signals<true>();
  const end = notices.watch({
    onDocuments: (changed) => changes.give(changed),
    onWork: () => work.give(true),
  });
  const has = (name: string) => changes.next((changed) => changed?.some((one) => one.name === name) ?? false);
  return { changes, work, has, end };
}

async function through(place: Place): Promise<{ readonly proxied: Place; readonly proxy: TcpProxy }> {
  const url = new URL(place.url);
  const target = Number(url.port);
  const proxy = await startTcpProxy(() => target);
  url.port = `${proxy.port}`;
  return { proxied: { ...place, url: url.href }, proxy };
}

test("a document that another node writes, replaces or deletes is told, and work too", async () => {
  const place = await freshStoreOptions();
  const [one, other] = [await node(place, never), await node(place, never)];
  const heard = watch(other);
  expect(await other.modes.next()).toBe("notified");
  await one.documents.put("account", "a", "1");
  await heard.has("a");
  expect(await one.documents.replace("account", "a", "1", "2")).toBe(true);
  await heard.has("a");
  await one.documents.delete("account", "a");
  await heard.has("a");
  // Once what listening began with is heard.
  await heard.work.next();
  one.notices.workIsDue();
  await heard.work.next();
});

test("what was written between opening and watching is told", async () => {
  const place = await freshStoreOptions();
  const [one, other] = [await node(place, never), await node(place, never)];
  await one.documents.put("account", "early", "1");
  await watch(other).has("early");
});

test("a thousand pieces of work are a few notifications", async () => {
  const place = await freshStoreOptions();
  const one = await node(place, never);
  const payloads = new Signals<string>();
  const listener = await one.database.dedicated();
  onTestFinished(() => listener.close());
  await listener.run(`LISTEN "postrider.${place.schema}"`);
  const seen: string[] = [];
  listener.onNotification(
    (_channel, payload) => {
      seen.push(payload);
      payloads.give(payload);
    },
    () => undefined,
  );
  for (let i = 0; i < 1_000; i += 1) one.notices.workIsDue();
  await payloads.next();
  // The one that stands for the other 999.
  await payloads.next();
  one.notices.documentsChanged();
  await payloads.next((payload) => payload === "documents");
  expect(seen).toEqual(["work", "work", "documents"]);
});

test("without notifications changes are found by looking", async () => {
  const place = await freshStoreOptions();
  const { proxied, proxy } = await through(place);
  const [one, other] = [await node(place, never), await node(proxied, { fastPollMs: 20, pollMs: 20 })];
  const heard = watch(other);
  expect(await other.modes.next()).toBe("notified");
  await other.database.rows({ name: "x", text: "SELECT 1" }, []);
  proxy.refuse(true);
  proxy.cut();
  expect(await other.modes.next()).toBe("polling");
  await one.documents.put("account", "while away", "1");
  proxy.refuse(false);
  await heard.has("while away");
  expect(await other.modes.next()).toBe("notified");
});

test("a listening connection that went half open is found out and replaced", async () => {
  const place = await freshStoreOptions();
  const { proxied, proxy } = await through(place);
  const [one, other] = [await node(place, never), await node(proxied, { pollMs: 50, fastPollMs: 50 })];
  const heard = watch(other);
  expect(await other.modes.next()).toBe("notified");
  proxy.freeze();
  expect(await other.modes.next()).toBe("polling");
  expect(await other.modes.next()).toBe("notified");
  await one.documents.put("account", "after", "1");
  await heard.has("after");
});

test("who was away while the deleted were forgotten is told that it is not known what changed", async () => {
  const place = await freshStoreOptions();
  const [one, other] = [await node(place, never), await node(place, never)];
  await one.documents.put("account", "a", "1");
  await one.documents.delete("account", "a");
  const age = { name: "age", text: "UPDATE documents SET deleted_at = deleted_at - 90000000" };
  await one.database.rows(age, []);
  await forgetDeleted(one.database);
  const heard = watch(other);
  expect(await heard.changes.next()).toBeNull();
});

test("nobody is told any more once he has ended it", async () => {
  const place = await freshStoreOptions();
  const [one, other] = [await node(place, never), await node(place, never)];
  const [ended, going] = [watch(other), watch(other)];
  let told = 0;
  const end = other.notices.watch({ onDocuments: () => (told += 1) });
  ended.end();
  end();
  expect(await other.modes.next()).toBe("notified");
  await one.documents.put("account", "a", "1");
  await going.has("a");
  expect(told).toBe(0);
});
