import { expect, test } from "vitest";
import { PostriderError } from "./error.ts";
import { databaseOf } from "./storage.ts";

const password = "not-to-be-said";
const env = (url: string, schema?: string) => ({
  POSTRIDER_DATABASE_URL: url,
  ...(schema === undefined ? {} : { POSTRIDER_DATABASE_SCHEMA: schema }),
});

test("without a URL everything is kept in the data directory", () => {
  for (const none of [{}, env(""), env("  "), { POSTRIDER_DATABASE_SCHEMA: "x" }])
    expect(databaseOf(undefined, none)).toBeNull();
});

test("what was given goes before the environment, and is shown without password and parameters", () => {
  const url = `postgres://ann:${password}@db.example.com:5433/mail?sslmode=verify-full#x`;
  const shown = "postgres://ann@db.example.com:5433/mail";
  expect(databaseOf(undefined, env(url))).toEqual({ url, place: { schema: "postrider", shown } });
  expect(databaseOf(undefined, env(url, "mail"))?.place.schema).toBe("mail");
  expect(databaseOf({ url, schema: "own" }, env("postgres://other/x", "mail"))?.place).toEqual({
    schema: "own",
    shown,
  });
  expect(databaseOf("postgresql:///mail?host=/run/postgresql", {})?.place.shown).toBe("postgresql:///mail");
});

test.each([
  [`mysql://u:${password}@db/x`, /^POSTRIDER_DATABASE_URL begins with mysql:\/\//],
  [`u:${password}@db/x`, /is no URL/],
  [`host=db user=u password=${password}`, /is no URL/],
  [`postgres://u:${password}#@db/x`, /%23/],
  [`postgres://u:${password}/@db/x`, /%2F/],
])("what cannot be a database is named with the way out, and without its password: %s", (url, said) => {
  const refusal = () => databaseOf(undefined, env(url));
  expect(refusal).toThrow(PostriderError);
  expect(refusal).toThrow(said);
  expect(refusal).not.toThrow(password);
});
