// What is worth knowing of a certificate chain, out of Node's description of it.
import type { DetailedPeerCertificate } from "node:tls";
import type { CertificateFacts } from "./failure.ts";

/** Longer chains than any in use; a loop ends here. */
const maxChain = 10;

/** The chain as the peer sent it, leaf first; empty when there is none. */
export function chainFacts(leaf: DetailedPeerCertificate | undefined): readonly CertificateFacts[] {
  const chain: CertificateFacts[] = [];
  const seen = new Set<string>();
  let certificate = leaf;
  while (certificate?.fingerprint256 && !seen.has(certificate.fingerprint256) && chain.length < maxChain) {
    seen.add(certificate.fingerprint256);
    chain.push(factsOf(certificate));
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function factsOf(certificate: DetailedPeerCertificate): CertificateFacts {
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    altNames: altNamesOf(certificate.subjectaltname),
    validFrom: isoDate(certificate.valid_from),
    validTo: isoDate(certificate.valid_to),
    fingerprint256: certificate.fingerprint256,
  };
}

/** `CN=smtp.example.com, O=Example`; each attribute may occur more than once. */
function nameOf(name: object | undefined): string {
  return Object.entries(name ?? {})
    .flatMap(([key, value]: [string, unknown]) => [value].flat().map((one) => `${key}=${one}`))
    .join(", ");
}

/** Node writes `DNS:a.test, IP Address:192.0.2.1`, and a name with odd characters as a JSON string. */
function altNamesOf(written: string | undefined): readonly string[] {
  const names: string[] = [];
  for (const match of (written ?? "").matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)) {
    const value = match[2] ?? "";
    names.push(value.startsWith('"') ? value.slice(1, -1) : value);
  }
  return names;
}

function isoDate(written: string): string {
  const date = new Date(written);
  return Number.isNaN(date.getTime()) ? written : date.toISOString();
}
