// The examples of docs/SQL.md, one after the other, as a role that was granted what the page says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { grantSending } from "../../src/queue/postgres/granting.ts";
import { openPostgresStore } from "../../src/queue/postgres/open.ts";
import { root } from "../doors/processes.ts";
import { connectAs, makeRole } from "./roles.ts";
import { freshStoreOptions } from "./shared.ts";

test("the examples of the documentation run, and queue what they say", async () => {
  const page = readFileSync(join(root, "docs/SQL.md"), "utf8");
  const examples = [...page.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, text]) => text!);
  expect(examples).toHaveLength(4);

  const place = await freshStoreOptions();
  const store = await openPostgresStore(place);
  onTestFinished(() => store.close());
  const { role } = await makeRole(place.url);
  expect(await grantSending({ ...place, role })).toBe("granted");
  const app = await connectAs(place.url, role);
  await app.query(`SET search_path = ${role}; CREATE TABLE orders (id int PRIMARY KEY, email text)`);
  for (const example of examples)
    await app.query(example.replaceAll("postrider.send", `${place.schema}.send`));
  await app.query("INSERT INTO orders VALUES (4712, 'bob@example.net')");

  const now = (await store.time())! + 1_000;
  const taken = await store.submissions!.next({ now, limit: 10, maxBytes: 1e9, leaseMs: 1 });
  const mails = taken.map(
    ({ mail }) => JSON.parse(mail) as { readonly to: string; readonly subject: string },
  );
  expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
    ["ada@example.net", "Your order 4711"],
    ["bob@example.net", "Your order 4712"],
    ["ada@example.net", "News"],
  ]);
});
