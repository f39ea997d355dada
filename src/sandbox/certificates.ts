// A certificate authority of our own, and certificates signed by it, for the sandbox and for tests.
// Certificates carry subject and authority key identifiers, without which strict verifiers
// (X509_V_FLAG_X509_STRICT, Python 3.13 and newer by default) refuse a chain.
import { randomBytes, webcrypto } from "node:crypto";
import { chmod, link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";

const day = 24 * 60 * 60 * 1000;
const curve = { name: "ECDSA", namedCurve: "P-256" } as const;
const signature = { name: "ECDSA", hash: "SHA-256" } as const;

export interface Authority {
  readonly certPem: string;
  /** PKCS #8, unencrypted. */
  readonly keyPem: string;
}

export interface Validity {
  /** Default: a day ago, so that a clock that lags a little still agrees. */
  readonly notBefore?: Date;
  /** Default: ten years from now for an authority, one year for a certificate. */
  readonly notAfter?: Date;
}

export interface AuthorityRequest extends Validity {
  /** Common name. Default "Postrider sandbox authority". */
  readonly name?: string;
}

export interface CertificateRequest extends Validity {
  /** DNS names (a leading `*.` allowed) and IP addresses; at least one. The first is the common name too. */
  readonly names: readonly string[];
  /** Put an intermediate authority between: `chain` then has two certificates, and `certPem` alone does not verify. */
  readonly intermediate?: boolean;
}

export interface Certificate {
  /** The leaf alone. */
  readonly certPem: string;
  readonly keyPem: string;
  /** What a server presents: the leaf and, after it, any intermediate; PEM. */
  readonly chain: string;
  /** What a client has to trust: the authority, or the certificate itself when self-signed. */
  readonly caPem: string;
}

/** A new authority: an EC P-256 key and a certificate that may sign others. */
export async function makeAuthority(request: AuthorityRequest = {}): Promise<Authority> {
  const x509 = await library();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...(await common(request, 10 * 365 * day)),
    name: [{ CN: [request.name ?? "Postrider sandbox authority"] }],
    keys,
    extensions: await authorityExtensions(keys.publicKey),
  });
  return { certPem: pem(certificate), keyPem: await exportKey(keys.privateKey) };
}

/** A server certificate signed by `authority`. */
export async function issue(authority: Authority, request: CertificateRequest): Promise<Certificate> {
  if (!request.intermediate) return sign(authority, request, "");
  const x509 = await library();
  const signer = await importAuthority(authority);
  const keys = await newKeys();
  const middle = await x509.X509CertificateGenerator.create({
    ...(await common({}, 5 * 365 * day)),
    subject: [{ CN: [`${signer.certificate.subjectName.getField("CN")[0] ?? "Authority"} (intermediate)`] }],
    issuer: signer.certificate.subjectName.toJSON(),
    publicKey: keys.publicKey,
    signingKey: signer.key,
    extensions: [
      ...(await authorityExtensions(keys.publicKey)),
      await x509.AuthorityKeyIdentifierExtension.create(signer.certificate.publicKey, false, webcrypto),
    ],
  });
  const middlePem = pem(middle);
  const below = { certPem: middlePem, keyPem: await exportKey(keys.privateKey) };
  return { ...(await sign(below, request, middlePem)), caPem: authority.certPem };
}

/** A server certificate that vouches for itself. */
export async function selfSigned(request: CertificateRequest): Promise<Certificate> {
  const x509 = await library();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...(await common(request, 365 * day)),
    name: subject(request),
    keys,
    extensions: await serverExtensions(request, keys.publicKey),
  });
  const certPem = pem(certificate);
  return { certPem, keyPem: await exportKey(keys.privateKey), chain: certPem, caPem: certPem };
}

/** Where `openAuthority` keeps its files in `directory`. */
function authorityFiles(directory: string): { readonly secret: string; readonly certificate: string } {
  return {
    secret: join(directory, "sandbox-authority.pem"),
    certificate: join(directory, "sandbox-ca.pem"),
  };
}

/**
 * The authority kept in `directory`, made on first use. Key and certificate stand in one file of mode 0600,
 * so that no crash can leave a key without its certificate; beside it the certificate alone, for
 * `NODE_EXTRA_CA_CERTS` and the like. Throws with the file's name when it holds no authority.
 */
export async function openAuthority(directory: string): Promise<Authority> {
  const files = authorityFiles(directory);
  await mkdir(directory, { recursive: true });
  let authority = await readAuthority(files.secret);
  if (authority === null) {
    const made = await makeAuthority();
    await writeOnce(files.secret, `${made.certPem}${made.keyPem}`);
    // Another process may have been quicker: what stands in the file counts.
    authority = (await readAuthority(files.secret)) ?? made;
  }
  await chmod(files.secret, 0o600);
  await writeFile(files.certificate, authority.certPem, { mode: 0o644 });
  return authority;
}

async function readAuthority(path: string): Promise<Authority | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const certPem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  const keyPem = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0];
  if (certPem === undefined || keyPem === undefined) {
    throw new Error(`${path} holds no certificate authority; remove it and a new one is made`);
  }
  return { certPem: `${certPem}\n`, keyPem: `${keyPem}\n` };
}

/** Writes a whole file under a name that must not exist yet; nothing happens when it does. */
async function writeOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, text, { mode: 0o600, flag: "wx", flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await unlink(draft);
  }
}

async function sign(
  authority: Authority,
  request: CertificateRequest,
  intermediates: string,
): Promise<Certificate> {
  const x509 = await library();
  const signer = await importAuthority(authority);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...(await common(request, 365 * day)),
    subject: subject(request),
    issuer: signer.certificate.subjectName.toJSON(),
    publicKey: keys.publicKey,
    signingKey: signer.key,
    extensions: [
      ...(await serverExtensions(request, keys.publicKey)),
      await x509.AuthorityKeyIdentifierExtension.create(signer.certificate.publicKey, false, webcrypto),
    ],
  });
  const certPem = pem(certificate);
  return {
    certPem,
    keyPem: await exportKey(keys.privateKey),
    chain: `${certPem}${intermediates}`,
    caPem: authority.certPem,
  };
}

/** Loaded when first needed: it costs a noticeable part of a start, and most commands make no certificate. */
async function library(): Promise<typeof import("@peculiar/x509")> {
  return import("@peculiar/x509");
}

function pem(certificate: { toString(format: "pem"): string }): string {
  return `${certificate.toString("pem")}\n`;
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(curve, true, ["sign", "verify"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  const lines = der.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

async function importAuthority(authority: Authority) {
  const x509 = await library();
  const der = Buffer.from(authority.keyPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return {
    certificate: new x509.X509Certificate(authority.certPem),
    key: await webcrypto.subtle.importKey("pkcs8", der, curve, false, ["sign"]),
  };
}

async function common(validity: Validity, lifetime: number) {
  const now = Date.now();
  const serial = randomBytes(16);
  // Positive and without a leading zero octet (RFC 5280 §4.1.2.2).
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return {
    serialNumber: serial.toString("hex"),
    notBefore: validity.notBefore ?? new Date(now - day),
    notAfter: validity.notAfter ?? new Date(now + lifetime),
    signingAlgorithm: signature,
  };
}

function subject(request: CertificateRequest) {
  const first = request.names[0];
  if (first === undefined) throw new TypeError("a certificate needs at least one name");
  // X.520 bounds a common name to 64 characters; the alternative names are what counts.
  return [{ CN: [first.slice(0, 64)] }];
}

async function authorityExtensions(publicKey: webcrypto.CryptoKey) {
  const x509 = await library();
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
  ];
}

async function serverExtensions(request: CertificateRequest, publicKey: webcrypto.CryptoKey) {
  const x509 = await library();
  const names = request.names.map((value) => ({
    type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const),
    value,
  }));
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
    await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
  ];
}
