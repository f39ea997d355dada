// The TLS that programs started here would speak: found by asking the library, not read from its version.
import { getDiffieHellman } from "node:crypto";
import { createSecureContext, DEFAULT_MAX_VERSION, DEFAULT_MIN_VERSION, getCACertificates } from "node:tls";
import type { RuntimeFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";

/** What changes TLS for a whole process. None of them holds a secret. */
const telling = [
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "OPENSSL_CONF",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
] as const;

/** What openssl.cnf can say of strength (config(5), SSL_CONF_cmd(3)). */
const settings = ["CipherString", "Ciphersuites", "Groups", "Options"] as const;

export async function lookAtRuntime({ env, read }: Surroundings): Promise<RuntimeFacts> {
  const variables = Object.fromEntries(
    telling.flatMap((name) => {
      const value = env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const path = env.OPENSSL_CONF || configurationFlag(env.NODE_OPTIONS ?? "");
  const text = path === null || path === "" ? null : await read(path);
  const shared = /--openssl-shared-config/.test(env.NODE_OPTIONS ?? "");
  const unreadable = await unreadableOf(variables, read);
  return {
    node: process.versions.node,
    openssl: process.versions.openssl,
    minVersion: DEFAULT_MIN_VERSION,
    maxVersion: DEFAULT_MAX_VERSION,
    securityLevel: actingLevel(),
    roots: getCACertificates("default").length,
    variables,
    unreadable,
    configuration: text === null || path === null ? null : { path, sets: setsOf(text, shared) },
  };
}

function configurationFlag(options: string): string | null {
  return /--openssl-config[= ](\S+)/.exec(options)?.[1] ?? null;
}

/** Files of roots that count and cannot be read. Node heeds SSL_CERT_FILE only in place of its own roots. */
async function unreadableOf(
  variables: Readonly<Record<string, string>>,
  read: Surroundings["read"],
): Promise<readonly string[]> {
  const counting = ["NODE_EXTRA_CA_CERTS"];
  if (/--use-openssl-ca/.test(variables.NODE_OPTIONS ?? "")) counting.push("SSL_CERT_FILE");
  const files = counting.flatMap((name) => {
    const path = variables[name];
    return path === undefined ? [] : [{ name, path }];
  });
  const texts = await Promise.all(files.map(({ path }) => read(path)));
  return files.flatMap(({ name, path }, nth) =>
    texts[nth]?.includes("-----BEGIN ") ? [] : [`${name}=${path}`],
  );
}

/** Sections and their lines; what stands before the first section is in the one without a name. Lines of anything else are left out. */
function sectionsOf(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = "";
  for (const line of text.split("\n").slice(0, 10_000)) {
    const [, name] = /^\s*\[\s*(\S+)\s*\]/.exec(line) ?? [];
    if (name !== undefined) section = name;
    const [, key, value] = /^\s*(\w+)\s*=\s*([^#]*)/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const lines = sections.get(section) ?? new Map<string, string>();
    sections.set(section, lines.set(key.toLowerCase(), value.trim().slice(0, 400)));
  }
  return sections;
}

/**
 * What the section that acts says: Node starts at `nodejs_conf`, and at `openssl_conf` only with
 * `--openssl-shared-config`; the protocols it sets itself, whatever the file says.
 */
export function setsOf(text: string, shared: boolean): Readonly<Record<string, string>> {
  const sections = sectionsOf(text);
  const first = sections.get("")?.get(shared ? "openssl_conf" : "nodejs_conf");
  const ofTls = sections.get(first ?? "")?.get("ssl_conf");
  const acting = sections.get(sections.get(ofTls ?? "")?.get("system_default") ?? "");
  if (first === undefined || ofTls === undefined || acting === undefined) return {};
  return Object.fromEntries(
    settings.flatMap((name) => {
      const value = acting.get(name.toLowerCase());
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Groups whose size a level forbids: 1024 bits from level 2 on, 2048 from level 3 on (SSL_CTX_set_security_level(3)).
 * 1 stands for 0 as well, and null for settings that no connection could be made with.
 */
function actingLevel(): number | null {
  const large = takesGroup("modp14");
  if (large === null) return null;
  if (!large) return 3;
  return takesGroup("modp2") ? 1 : 2;
}

/** Null where it failed for another reason than the group. */
function takesGroup(name: "modp2" | "modp14"): boolean | null {
  const group = getDiffieHellman(name);
  try {
    createSecureContext({ dhparam: pemOf(group.getPrime(), group.getGenerator()) });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_CRYPTO_OPERATION_FAILED" ? false : null;
  }
}

/** PKCS #3 DHParameter: a sequence of two integers. */
function pemOf(prime: Buffer, generator: Buffer): string {
  const body = der(0x30, Buffer.concat([integer(prime), integer(generator)])).toString("base64");
  return `-----BEGIN DH PARAMETERS-----\n${body.replace(/.{64}/g, "$&\n")}\n-----END DH PARAMETERS-----\n`;
}

function integer(bytes: Buffer): Buffer {
  return der(2, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** Bodies up to 65,535 bytes. */
function der(tag: number, body: Buffer): Buffer {
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
