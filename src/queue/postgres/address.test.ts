// What a database URL says, and which ones are refused.
import { describe, expect, test } from "vitest";
import { readAddress } from "./address.ts";

describe("a database URL", () => {
  test("is taken apart", () => {
    expect(
      readAddress("postgres://us%40er:p%2Fw@db.example.com:6432/mail?connect_timeout=9&application_name=x"),
    ).toMatchObject({
      host: "db.example.com",
      port: 6432,
      user: "us@er",
      password: "p/w",
      database: "mail",
      connectTimeout: 9_000,
      applicationName: "x",
      where: "db.example.com:6432/mail",
    });
    expect(readAddress("postgresql://app@[::1]")).toMatchObject({
      host: "::1",
      port: 5432,
      database: "app",
      where: "[::1]:5432/app",
    });
    expect(readAddress("postgres://app@x/mail?host=/run/postgresql").host).toBe("/run/postgresql");
  });

  test.each([
    ["postgres://app@127.0.0.1/mail", "disable", true],
    ["postgres://app@localhost/mail", "disable", true],
    ["postgres://app@x/mail?host=/run/postgresql", "disable", true],
    ["postgres://app@db.example.com/mail", "prefer", false],
    ["postgres://app@db.example.com/mail?sslmode=require", "require", false],
    ["postgres://app@db.example.com/mail?sslmode=verify-full", "verify-full", true],
    ["postgres://app@db.example.com/mail?sslrootcert=system", "verify-full", true],
  ])("%s: TLS is %s, proven %s", (url, mode, proven) => {
    expect(readAddress(url).tls).toMatchObject({ mode, proven });
  });

  test.each([
    ["db.example.com", "not a URL of the form"],
    ["postgres://app@one,two/mail", "several hosts"],
    ["postgres://app@one:1,two:2/mail", "only one host"],
    ["mysql://app@db/mail", "mysql:// and not"],
    ["postgres:///mail", "names no host"],
    ["postgres://app:%zz@db/mail", "%25"],
    ["postgres://app@db/mail?sslmode=no-verify", "sslmode"],
    ["postgres://app@db/mail?sslmode=verify-ca", "sslrootcert"],
    ["postgres://app@db/mail?sslmode=require&sslrootcert=system", "verify-full alone"],
    ["postgres://app@db/mail?sslmode=require&sslrootcert=/nowhere.pem", "cannot be read"],
    ["postgres://app@db/mail?sslmode=require&sslcert=/nowhere.pem", "cannot be read"],
    ["postgres://app@db/mail?sslmode=require&channel_binding=require", "verify-full alone"],
    ["postgres://app@db/mail?connect_timeout=soon", "connect_timeout"],
    ["postgres://app@db/mail?target_session_attrs=any", "target_session_attrs"],
  ])("%s is refused: %s", (url, why) => {
    expect(() => readAddress(url)).toThrow(why);
  });

  test("is never shown with its password", () => {
    expect(() => readAddress("postgres://app:geheim@db/mail?nonsense=1")).toThrow(/^((?!geheim).)*$/);
  });
});
