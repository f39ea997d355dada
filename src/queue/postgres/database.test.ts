// The engine's way to a real server.
import { expect, onTestFinished, test } from "vitest";
import { freshStoreOptions } from "../../../test/postgres/shared.ts";
import { openPostgresStore } from "./open.ts";

test("documents come and go", async () => {
  const store = await openPostgresStore(await freshStoreOptions());
  onTestFinished(() => store.close());
  const { documents } = store;
  expect(await documents.get("account", "a")).toBeNull();
  expect(await documents.insert("account", "a", "1")).toBe(true);
  expect(await documents.insert("account", "a", "2")).toBe(false);
  expect(await documents.replace("account", "a", "2", "3")).toBe(false);
  expect(await documents.replace("account", "a", "1", "3")).toBe(true);
  expect(await documents.list("account")).toEqual([{ name: "a", body: "3" }]);
  expect(await documents.delete("account", "a")).toBe(true);
  expect(await documents.delete("account", "a")).toBe(false);
  expect(await documents.insert("account", "a", "4")).toBe(true);
  expect(await documents.get("account", "a")).toBe("4");
});
