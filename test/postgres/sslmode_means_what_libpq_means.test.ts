// What each sslmode does with a real server that has a certificate of our own authority.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Database } from "../../src/queue/postgres/database.ts";
import { type Certificate, issue, makeAuthority } from "../../src/sandbox/certificates.ts";
import { type Postgres, startPostgres } from "./server.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-tls-"));
const ca = join(directory, "ca.pem");
const otherCa = join(directory, "other.pem");
let server: Postgres;
let plain: Postgres;

beforeAll(async () => {
  const authority = await makeAuthority();
  const certificate: Certificate = await issue(authority, { names: ["localhost"] });
  writeFileSync(ca, authority.certPem);
  writeFileSync(otherCa, (await makeAuthority()).certPem);
  [server, plain] = await Promise.all([
    startPostgres({
      settings: { ssl: "on" },
      files: { "server.crt": certificate.chain, "server.key": certificate.keyPem },
      hba: [
        "hostssl all postgres all trust",
        "hostnossl all outsider all trust",
        "hostssl all app all scram-sha-256",
      ],
    }),
    startPostgres(),
  ]);
});

afterAll(async () => {
  await Promise.all([server?.dispose(), plain?.dispose()]);
  rmSync(directory, { recursive: true });
});

const look = {
  name: "look",
  text: "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
};

/** Whether the connection is encrypted; or the problem. */
async function tryWith(parameters: string, host = "localhost", at = server): Promise<boolean | string> {
  const url = `postgres://postgres@${host}:${at.port}/postgres?${parameters}`;
  let database: Database | null = null;
  try {
    database = new Database({ url, schema: "public" });
    const [row] = await database.rows<{ readonly ssl: boolean }>(look, []);
    return row?.ssl ?? "no answer";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await database?.close();
  }
}

test("verify-full: the right authority and the right name, or nothing", async () => {
  expect(await tryWith(`sslmode=verify-full&sslrootcert=${ca}`)).toBe(true);
  expect(await tryWith(`sslmode=verify-full&sslrootcert=${ca}`, "127.0.0.1")).toContain("right server");
  expect(await tryWith(`sslmode=verify-full&sslrootcert=${otherCa}`)).toContain("right server");
  expect(await tryWith("sslmode=verify-full")).toContain("right server");
  expect(await tryWith("sslrootcert=system&sslmode=verify-full")).toContain("right server");
});

test("verify-ca: the right authority, whatever the name", async () => {
  expect(await tryWith(`sslmode=verify-ca&sslrootcert=${ca}`, "127.0.0.1")).toBe(true);
  expect(await tryWith(`sslmode=verify-ca&sslrootcert=${otherCa}`)).toContain("right server");
  expect(await tryWith("sslmode=verify-ca")).toContain("needs sslrootcert");
});

test("require: encrypted, without looking who it is, unless an authority is given", async () => {
  expect(await tryWith("sslmode=require")).toBe(true);
  expect(await tryWith(`sslmode=require&sslrootcert=${ca}`, "127.0.0.1")).toBe(true);
  expect(await tryWith(`sslmode=require&sslrootcert=${otherCa}`)).toContain("right server");
  expect(await tryWith("sslmode=require", "127.0.0.1", plain)).toContain("does not offer TLS");
});

test("prefer: encrypted where the server has it, else in clear; disable: in clear", async () => {
  expect(await tryWith("sslmode=prefer")).toBe(true);
  expect(await tryWith("sslmode=prefer", "127.0.0.1", plain)).toBe(false);
  expect(await tryWith("sslmode=disable", "127.0.0.1", plain)).toBe(false);
  // This server lets this user in over TLS alone.
  expect(await tryWith("sslmode=disable")).toContain("does not let this user in");
});

test("a password is proved without being told, and bound to the TLS connection", async () => {
  const admin = new Database({
    url: `postgres://postgres@localhost:${server.port}/postgres?sslmode=require`,
    schema: "public",
  });
  await admin.transaction((session) => session.run("CREATE ROLE app LOGIN PASSWORD 'right'"));
  await admin.close();
  for (const binding of ["prefer", "require", "disable"]) {
    const url = `postgres://app:right@localhost:${server.port}/postgres?sslmode=verify-full&sslrootcert=${ca}&channel_binding=${binding}`;
    const database = new Database({ url, schema: "public" });
    expect(await database.rows(look, [])).toMatchObject([{ ssl: true }]);
    await database.close();
  }
});
