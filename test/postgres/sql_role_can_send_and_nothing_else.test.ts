// The attack: an application's role, or who has stolen its password, tries to get more out of the right to send than to
// send: to read other people's mail and secrets, to put rows in by hand, or to have code of its own run as the owner.
import type pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { grantSending } from "../../src/queue/postgres/granting.ts";
import { openPostgresStore } from "../../src/queue/postgres/open.ts";
import type { QueueStore } from "../../src/queue/store.ts";
import { postrider, sharedByTheFile } from "../doors/processes.ts";
import { connectAs, makeRole } from "./roles.ts";
import { freshStoreOptions } from "./shared.ts";

const finished = sharedByTheFile();
const mail = JSON.stringify({ to: "ada@example.net", subject: "Hello", text: "Hi" });
let place: { readonly url: string; readonly schema: string };
let store: QueueStore;

beforeAll(async () => {
  place = await freshStoreOptions();
  store = await openPostgresStore(place);
  finished(() => store.close());
});

const grant = (role: string, ...flags: readonly string[]) =>
  postrider(["database", "grant", role, ...flags], {
    env: { POSTRIDER_DATABASE_URL: place.url, POSTRIDER_DATABASE_SCHEMA: place.schema },
  });

const submitted = async () => {
  const now = (await store.time())! + 1_000;
  return store.submissions!.next({ now, limit: 100, maxBytes: 1e9, leaseMs: 3_600_000 });
};

const denied = { code: "42501" };

test("a role can do nothing before it is granted, and then send", async () => {
  const { role } = await makeRole(place.url);
  const app = await connectAs(place.url, role);
  const send = () => app.query(`SELECT ${place.schema}.send($1) AS id`, [mail]);
  await expect(send()).rejects.toMatchObject(denied);

  const printed = await grant(role, "--print");
  expect(printed).toMatchObject({
    code: 0,
    out: `GRANT USAGE ON SCHEMA "${place.schema}" TO "${role}";\nGRANT EXECUTE ON FUNCTION "${place.schema}".send(jsonb, text) TO "${role}";\n`,
  });
  await expect(send()).rejects.toMatchObject(denied);
  // Nor does it come with a look into the schema, which somebody may have given it for another reason.
  await (await connectAs(place.url)).query(`GRANT USAGE ON SCHEMA ${place.schema} TO ${role}`);
  await expect(send()).rejects.toMatchObject(denied);

  expect(await grant(role)).toMatchObject({ code: 0, err: "" });
  const { rows } = await send();
  expect((await submitted()).map(({ id, origin }) => [id, origin])).toEqual([[rows[0].id, `sql:${role}`]]);
});

test("it reads and writes no table of the schema, and calls no other function there", async () => {
  const { role } = await makeRole(place.url);
  expect(await grantSending({ ...place, role })).toBe("granted");
  const app = await connectAs(place.url, role);
  const admin = await connectAs(place.url);
  const { rows: relations } = await admin.query<{ name: string; kind: string }>(
    "SELECT relname AS name, relkind AS kind FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')",
    [place.schema],
  );
  expect(relations.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "messages",
      "content",
      "documents",
      "submissions",
      "idempotency",
      "messages_seq",
    ]),
  );
  for (const { name, kind } of relations) {
    const table = `${place.schema}.${name}`;
    await expect(app.query(`SELECT * FROM ${table}`), name).rejects.toMatchObject(denied);
    if (kind === "S") {
      await expect(app.query("SELECT nextval($1)", [table]), name).rejects.toMatchObject(denied);
      continue;
    }
    for (const statement of [
      `INSERT INTO ${table} DEFAULT VALUES`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ])
      await expect(app.query(statement), statement).rejects.toMatchObject(denied);
  }
  const { rows: functions } = await admin.query<{ name: string; may: boolean }>(
    "SELECT proname AS name, has_function_privilege($2, oid, 'EXECUTE') AS may FROM pg_proc WHERE pronamespace = $1::regnamespace",
    [place.schema, role],
  );
  expect(functions.filter(({ may }) => may).map(({ name }) => name)).toEqual(["send"]);
  await expect(app.query(`CREATE TABLE ${place.schema}.mine (id int)`)).rejects.toMatchObject(denied);
  await expect(
    app.query(`CREATE OR REPLACE FUNCTION ${place.schema}.send(mail jsonb, idempotency_key text DEFAULT NULL)
      RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'`),
  ).rejects.toMatchObject(denied);
  await expect(app.query(`GRANT USAGE ON SCHEMA ${place.schema} TO PUBLIC`)).resolves.toBeDefined();
  const { rows } = await admin.query("SELECT has_schema_privilege('public', $1, 'USAGE') AS open", [
    place.schema,
  ]);
  expect(rows).toEqual([{ open: false }]);
});

test("names of its own in front of the search path and in the temporary schema lead nowhere", async () => {
  const { role, schema: own } = await makeRole(place.url);
  expect(await grantSending({ ...place, role })).toBe("granted");
  const app = await connectAs(place.url, role);
  // Whoever runs as the owner leaves a trace that the role could not leave itself.
  const traps = (where: string) => `
    CREATE TABLE ${where}.submissions (id uuid, lane int, origin text, mail text, size int, submitted_at bigint,
      due_at bigint, tries int);
    CREATE TABLE ${where}.idempotency (origin text, key text, body_hash text, id uuid, created_at bigint,
      PRIMARY KEY (origin, key));`;
  await app.query(`
    ${traps(own)}
    CREATE FUNCTION ${own}.seen() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
    CREATE TRIGGER seen BEFORE INSERT ON ${own}.submissions FOR EACH ROW EXECUTE FUNCTION ${own}.seen();
    CREATE FUNCTION ${own}.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
    CREATE FUNCTION ${own}.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
    CREATE FUNCTION ${own}.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
    CREATE FUNCTION ${own}.format(text, text) RETURNS text LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
    CREATE FUNCTION ${own}.textne(text, text) RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
    CREATE OPERATOR ${own}.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = ${own}.textne);
    CREATE OPERATOR ${own}.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = ${own}.format);
    SET search_path = pg_temp, ${own}, pg_catalog;
    ${traps("pg_temp")}
    CREATE TRIGGER seen BEFORE INSERT ON pg_temp.submissions FOR EACH ROW EXECUTE FUNCTION ${own}.seen();
    CREATE TRIGGER seen BEFORE INSERT ON pg_temp.idempotency FOR EACH ROW EXECUTE FUNCTION ${own}.seen();
  `);
  const { rows } = await app.query<{ id: string }>(`SELECT ${place.schema}.send($1, 'once') AS id`, [mail]);
  const again = await app.query<{ id: string }>(`SELECT ${place.schema}.send($1, 'once') AS id`, [mail]);
  expect(again.rows).toEqual(rows);
  expect((await submitted()).map(({ id }) => id)).toEqual([rows[0]!.id]);
});

test("a role learns nothing of another role's keys, and cannot speak for it", async () => {
  const [one, other] = [await makeRole(place.url), await makeRole(place.url)];
  for (const { role } of [one, other]) expect(await grantSending({ ...place, role })).toBe("granted");
  const [first, second] = [await connectAs(place.url, one.role), await connectAs(place.url, other.role)];
  const send = async (app: pg.Client, subject: string) =>
    (
      await app.query<{ id: string }>(`SELECT ${place.schema}.send($1, 'order 1') AS id`, [
        JSON.stringify({ to: "ada@example.net", subject, text: "Hi" }),
      ])
    ).rows[0]!.id;
  const ids = [await send(first, "one"), await send(second, "other")];
  expect(new Set(ids).size).toBe(2);
  expect((await submitted()).map(({ id, origin }) => [id, origin])).toEqual([
    [ids[0], `sql:${one.role}`],
    [ids[1], `sql:${other.role}`],
  ]);
});

test("what `database grant` needs and does not find is told", async () => {
  expect(await postrider(["database", "grant", "app"])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/POSTRIDER_DATABASE_URL is not set.*postgres:\/\//),
  });
  expect(await grant("nobody_of_that_name")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no role "nobody_of_that_name".*CREATE ROLE/),
  });
  const elsewhere = await postrider(["database", "grant", "postgres"], {
    env: { POSTRIDER_DATABASE_URL: place.url, POSTRIDER_DATABASE_SCHEMA: "not_there" },
  });
  expect(elsewhere).toMatchObject({ code: 2, err: expect.stringMatching(/not_there.*has no function send/) });
});
