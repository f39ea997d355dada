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

/** What openssl.cnf can say of protocols and strength (config(5), SSL_CONF_cmd(3)). */
const settings = ["MinProtocol", "MaxProtocol", "CipherString", "Ciphersuites", "Groups", "Options"] as const;

export async function lookAtRuntime({ env, read }: Surroundings): Promise<RuntimeFacts> {
  const variables = Object.fromEntries(
    telling.flatMap((name) => {
      const value = env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const path = env.OPENSSL_CONF || configurationFlag(env.NODE_OPTIONS ?? "");
  const text = path === null || path === "" ? null : await read(path);
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
    configuration: text === null || path === null ? null : { path, sets: setsOf(text) },
  };
}

function configurationFlag(options: string): string | null {
  return /--openssl-config[= ](\S+)/.exec(options)?.[1] ?? null;
}

/** Files of roots that are named and cannot be read. */
async function unreadableOf(
  variables: Readonly<Record<string, string>>,
  read: Surroundings["read"],
): Promise<readonly string[]> {
  const files = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].flatMap((name) => {
    const path = variables[name];
    return path === undefined ? [] : [{ name, path }];
  });
  const texts = await Promise.all(files.map(({ path }) => read(path)));
  return files.flatMap(({ name, path }, nth) =>
    texts[nth]?.includes("-----BEGIN ") ? [] : [`${name}=${path}`],
  );
}

/** The lines `Name = value`, of whatever section; comments do not count. */
export function setsOf(text: string): Readonly<Record<string, string>> {
  const sets: Record<string, string> = {};
  for (const line of text.split("\n").slice(0, 10_000)) {
    const [, name, value] = /^\s*(?:system_default\.)?(\w+)\s*=\s*([^#]*)/.exec(line) ?? [];
    const known = settings.find((one) => one.toLowerCase() === name?.toLowerCase());
    if (known !== undefined && value !== undefined) sets[known] = value.trim().slice(0, 400);
  }
  return sets;
}

/** Groups whose size a level forbids: 1024 bits from level 2 on, 2048 from level 3 on (SSL_CTX_set_security_level(3)). */
function actingLevel(): number {
  if (!takesGroup("modp14")) return 3;
  return takesGroup("modp2") ? 1 : 2;
}

function takesGroup(name: "modp2" | "modp14"): boolean {
  const group = getDiffieHellman(name);
  try {
    createSecureContext({ dhparam: pemOf(group.getPrime(), group.getGenerator()) });
    return true;
  } catch {
    return false;
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
