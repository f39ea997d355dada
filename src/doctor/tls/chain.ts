// The chain as the server shows it, whether or not it verifies. A report only: nothing is said over that connection.
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { ChainFacts } from "../facts.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Setting } from "../test.ts";
import { shake } from "./handshake.ts";
import { peerOf } from "./peer.ts";

/** Longer chains are nobody's. */
const mostCertificates = 10;

/** Null when there is no chain to see: a proxy is in between, or no handshake stood. */
export async function lookAtChain(
  setting: Setting,
  surroundings: Surroundings,
  address: string | null,
): Promise<ChainFacts | null> {
  const peer = peerOf(setting, address);
  if (peer === null) return null;
  let facts: ChainFacts | null = null;
  // At the lowest level a weak certificate can be looked at as well.
  await shake(peer, { offered: "anything", ciphers: "DEFAULT:@SECLEVEL=0" }, surroundings, (socket) => {
    facts = chainOf(socket);
  });
  return facts;
}

function chainOf(socket: TLSSocket): ChainFacts {
  const certificates: X509Certificate[] = [];
  for (
    let one = socket.getPeerX509Certificate();
    one !== undefined && certificates.length < mostCertificates;
    one = one.issuerCertificate
  ) {
    const seen = certificates.some(({ fingerprint256 }) => fingerprint256 === one!.fingerprint256);
    if (seen) break;
    certificates.push(one);
  }
  const error = socket.authorizationError as Error & { readonly code?: string };
  return {
    certificates: certificates.map(factsOf),
    problem: socket.authorized ? null : String(error?.code ?? error ?? "UNKNOWN"),
  };
}

function factsOf(certificate: X509Certificate): ChainFacts["certificates"][number] {
  const { subject, issuer, subjectAltName, validFromDate, validToDate, fingerprint256, publicKey } =
    certificate;
  const line = (name: string) => name.replaceAll("\n", ", ");
  const names = (subjectAltName ?? "")
    .split(/,\s*/)
    .flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []);
  return {
    subject: line(subject ?? ""),
    issuer: line(issuer ?? ""),
    altNames: names,
    validFrom: validFromDate.toISOString(),
    validTo: validToDate.toISOString(),
    fingerprint256,
    selfSigned: subject === issuer && certificate.verify(publicKey),
    commonName: /^CN=(.*)$/m.exec(subject ?? "")?.[1] ?? "",
    keyType: publicKey.asymmetricKeyType ?? null,
    keyBits: publicKey.asymmetricKeyDetails?.modulusLength ?? null,
    signature: certificate.signatureAlgorithm ?? null,
  };
}
