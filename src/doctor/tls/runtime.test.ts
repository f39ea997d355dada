// What the environment makes of TLS: asked of real processes that were started with it.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { RuntimeFacts } from "../facts.ts";
import { setsOf } from "./runtime.ts";

const run = promisify(execFile);

const script = `
import { here } from ${JSON.stringify(new URL("../surroundings.ts", import.meta.url).href)};
import { lookAtRuntime } from ${JSON.stringify(new URL("./runtime.ts", import.meta.url).href)};
console.log(JSON.stringify(await lookAtRuntime(here(new AbortController().signal, false))));
`;

async function runtimeUnder(env: Readonly<Record<string, string>>): Promise<RuntimeFacts> {
  const { PATH = "" } = process.env;
  const bounds = { env: { PATH, ...env }, timeout: 20_000 };
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], bounds);
  return JSON.parse(stdout) as RuntimeFacts;
}

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "postrider-openssl-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "openssl.cnf");
  writeFileSync(path, text);
  return path;
}

const configuration = (first: string, sets: string) =>
  `# comment\n${first} = init\n[init]\nssl_conf = ssl\n[ ssl ]\nsystem_default = tls\n[tls]\n${sets}\n[other]\nCipherString = ALL\n`;

test.concurrent("usual: TLS 1.2 to 1.3 at level 2, with roots, and nothing changed", async () => {
  const usual = await runtimeUnder({});
  expect(usual).toMatchObject({ minVersion: "TLSv1.2", maxVersion: "TLSv1.3", securityLevel: 2 });
  expect(usual).toMatchObject({ variables: {}, unreadable: [], configuration: null });
  expect(usual.roots).toBeGreaterThan(100);
});

test.concurrent("flags of Node count", async () => {
  const flags = "--tls-min-v1.3 --tls-cipher-list=DEFAULT@SECLEVEL=1";
  const seen = await runtimeUnder({ NODE_OPTIONS: flags });
  expect(seen).toMatchObject({ minVersion: "TLSv1.3", securityLevel: 1, variables: { NODE_OPTIONS: flags } });
});

test.concurrent("a cipher list that no connection can be made with has no level", async () => {
  expect(await runtimeUnder({ NODE_OPTIONS: "--tls-cipher-list=NONE" })).toMatchObject({
    securityLevel: null,
  });
});

test("of openssl.cnf only the section that Node reads counts, and it does act", async () => {
  const acting = file(configuration("nodejs_conf", "CipherString = DEFAULT:@SECLEVEL=3 # strict"));
  const idle = file(configuration("openssl_conf", "CipherString = DEFAULT:@SECLEVEL=3"));
  const [first, second] = await Promise.all(
    [acting, idle].map((path) => runtimeUnder({ OPENSSL_CONF: path })),
  );
  expect(first).toMatchObject({
    configuration: { path: acting, sets: { CipherString: "DEFAULT:@SECLEVEL=3" } },
  });
  expect(second).toMatchObject({ securityLevel: 2, configuration: { path: idle, sets: {} } });
});

test.concurrent("files of roots are missed only where Node would take them", async () => {
  const none = { SSL_CERT_FILE: "/nowhere/roots.pem" };
  const flag = { NODE_OPTIONS: "--use-openssl-ca" };
  const [ignored, heeded, extra] = await Promise.all([
    runtimeUnder(none),
    runtimeUnder({ ...none, ...flag }),
    runtimeUnder({ NODE_EXTRA_CA_CERTS: "/nowhere/extra.pem" }),
  ]);
  expect(ignored.unreadable).toEqual([]);
  expect(heeded.unreadable).toEqual(["SSL_CERT_FILE=/nowhere/roots.pem"]);
  expect(extra.unreadable).toEqual(["NODE_EXTRA_CA_CERTS=/nowhere/extra.pem"]);
});

test("any configuration is read without a throw", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "nodejs_conf = a",
      "[a]",
      "ssl_conf = b",
      "[ b ]",
      "system_default=c",
      "[c]",
      "CipherString = X",
    ),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.boolean(), (lines, shared) => {
      const sets = setsOf(lines.join("\n"), shared);
      expect(
        Object.keys(sets).every((name) =>
          ["CipherString", "Ciphersuites", "Groups", "Options"].includes(name),
        ),
      ).toBe(true);
    }),
  );
});
