import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Authority,
  type Certificate,
  issue,
  makeAuthority,
  openAuthority,
  selfSigned,
} from "./certificates.ts";

/** What a verifying client makes of a certificate: null when it trusts it, else OpenSSL's code. */
async function verdict(certificate: Certificate, ca: string, servername: string): Promise<string | null> {
  const server = createServer({ key: certificate.keyPem, cert: certificate.chain }, (socket) => socket.end());
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await new Promise((resolve) => {
      const socket = connect({
        host: "127.0.0.1",
        port: (server.address() as AddressInfo).port,
        ca: [ca],
        servername,
      });
      socket.once("secureConnect", () => {
        resolve(null);
        socket.destroy();
      });
      socket.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    });
  } finally {
    server.close();
  }
}

describe("certificates", () => {
  let authority: Authority;
  beforeAll(async () => {
    authority = await makeAuthority();
  });

  it("are trusted under each of their names by whoever trusts the authority", async () => {
    const certificate = await issue(authority, { names: ["smtp.example.com", "127.0.0.1", "::1"] });
    expect(await verdict(certificate, certificate.caPem, "smtp.example.com")).toBeNull();
    expect(new X509Certificate(certificate.certPem).checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(new X509Certificate(certificate.certPem).checkIP("::1")).toBeDefined();
  });

  it("are refused under another name", async () => {
    const certificate = await issue(authority, { names: ["elsewhere.example"] });
    expect(await verdict(certificate, authority.certPem, "smtp.example.com")).toBe(
      "ERR_TLS_CERT_ALTNAME_INVALID",
    );
  });

  it("are refused after their end and before their beginning", async () => {
    const hour = 60 * 60 * 1000;
    const names = ["smtp.example.com"];
    const expired = await issue(authority, { names, notAfter: new Date(Date.now() - hour) });
    expect(await verdict(expired, authority.certPem, "smtp.example.com")).toBe("CERT_HAS_EXPIRED");
    const early = await issue(authority, { names, notBefore: new Date(Date.now() + hour) });
    expect(await verdict(early, authority.certPem, "smtp.example.com")).toBe("CERT_NOT_YET_VALID");
  });

  it("are refused when they vouch for themselves, or another authority signed them", async () => {
    const names = ["smtp.example.com"];
    expect(await verdict(await selfSigned({ names }), authority.certPem, names[0]!)).toBe(
      "DEPTH_ZERO_SELF_SIGNED_CERT",
    );
    const foreign = await issue(await makeAuthority({ name: "Another" }), { names });
    expect(await verdict(foreign, authority.certPem, names[0]!)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  it("verify through an intermediate that the server presents, and not without it", async () => {
    const names = ["smtp.example.com"];
    const certificate = await issue(authority, { names, intermediate: true });
    expect(await verdict(certificate, authority.certPem, names[0]!)).toBeNull();
    const bare = { ...certificate, chain: certificate.certPem };
    expect(await verdict(bare, authority.certPem, names[0]!)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  it("carry the key identifiers that strict verifiers ask for", async () => {
    const text = new X509Certificate((await issue(authority, { names: ["a.example"] })).certPem).toString();
    const leaf = new X509Certificate(text);
    expect(leaf.checkIssued(new X509Certificate(authority.certPem))).toBe(true);
    const x509 = await import("@peculiar/x509");
    const parsed = new x509.X509Certificate(text);
    const issuer = new x509.X509Certificate(authority.certPem);
    expect(parsed.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(
      issuer.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    );
  });
});

describe("an authority kept on disk", () => {
  const directories: string[] = [];
  const directory = async () => {
    const path = await mkdtemp(join(tmpdir(), "postrider-ca-"));
    directories.push(path);
    return path;
  };
  afterEach(async () => {
    for (const path of directories.splice(0)) await rm(path, { recursive: true, force: true });
  });

  it("is made once, also when several ask at the same time", async () => {
    const path = await directory();
    const first = await Promise.all([openAuthority(path), openAuthority(path), openAuthority(path)]);
    const later = await openAuthority(path);
    for (const one of first) expect(one).toEqual(later);
    expect(await readFile(join(path, "sandbox-ca.pem"), "utf8")).toBe(later.certPem);
    const certificate = await issue(later, { names: ["localhost"] });
    expect(await verdict(certificate, later.certPem, "localhost")).toBeNull();
  });

  it("lets nobody else read its key", async () => {
    const path = await directory();
    await openAuthority(path);
    expect((await stat(join(path, "sandbox-authority.pem"))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(path, "sandbox-ca.pem"), "utf8")).not.toContain("PRIVATE");
  });

  it("says which file is damaged", async () => {
    const path = await directory();
    await writeFile(join(path, "sandbox-authority.pem"), "not a certificate");
    await expect(openAuthority(path)).rejects.toThrow(
      /sandbox-authority\.pem holds no certificate authority/,
    );
  });
});
