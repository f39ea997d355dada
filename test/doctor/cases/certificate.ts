// The certificate: who signed it, for whom, until when, and what the clock says.
import { issue, makeAuthority, selfSigned } from "../../../src/sandbox/certificates.ts";
import type { Security } from "../../../src/smtp/endpoint.ts";
import type { Case, Place, Service } from "../case.ts";
import { smtp } from "../peers/smtp.ts";
import { overTls, signedByOpenssl } from "../peers/tls.ts";
import { at, good } from "./make.ts";

const day = 24 * 60 * 60 * 1000;

/** A server with this certificate. */
function shows(
  make: (place: Place) => Promise<{ readonly keyPem: string; readonly chain: string }>,
  security: Security = "tls",
): Service {
  return async (place) => smtp({ security, tls: await make(place) })(place);
}

/** Of an authority that the machine does not know; `root` sends the authority's own certificate along. */
function foreign(name: string, root: boolean): Service {
  return shows(async ({ host }) => {
    const other = await makeAuthority({ name });
    const { keyPem, chain } = await issue(other, { names: [host], intermediate: !root });
    return { keyPem, chain: root ? chain + other.certPem : chain };
  });
}

export const certificate: readonly Case[] = [
  {
    cause: "cert.self-signed-leaf",
    staged: "a certificate that vouches for itself",
    ...at("mail.selfsigned.example", 465, "tls", { 465: shows(({ host }) => selfSigned({ names: [host] })) }),
  },
  {
    cause: "cert.self-signed-in-chain",
    staged: "a chain with an unknown root in it",
    ...at("mail.ownroot.example", 465, "tls", { 465: foreign("Kestrel Private Root", true) }),
  },
  {
    cause: "cert.unknown-root",
    staged: "leaf and intermediate of a root that is not known here",
    ...at("mail.newroot.example", 465, "tls", { 465: foreign("Brand New Root", false) }),
  },
  {
    cause: "cert.missing-intermediate",
    staged: "a leaf without its intermediate",
    ...at("mail.nochain.example", 465, "tls", {
      465: shows(async ({ authority, host }) => {
        const { keyPem, certPem } = await issue(authority, { names: [host], intermediate: true });
        return { keyPem, chain: certPem };
      }),
    }),
  },
  {
    cause: "cert.expired",
    staged: "a certificate that ended yesterday; the clock is right",
    ...at("mail.expired.example", 465, "tls", {
      465: shows(({ authority, host }) =>
        issue(authority, {
          names: [host],
          notBefore: new Date(Date.now() - 90 * day),
          notAfter: new Date(Date.now() - day),
        }),
      ),
    }),
  },
  {
    cause: "cert.not-yet-valid",
    staged: "a certificate that begins in ten days; the clock is right",
    ...at("mail.tomorrow.example", 465, "tls", {
      465: shows(({ authority, host }) =>
        issue(authority, { names: [host], notBefore: new Date(Date.now() + 10 * day) }),
      ),
    }),
  },
  {
    cause: "cert.clock-skew",
    staged: "a good certificate; the clock of this machine is 500 days ahead",
    ...good("gmail"),
    world: { name: "ahead", clock: "+500d" },
  },
  {
    cause: "cert.clock-skew",
    staged: "a good certificate; the clock of this machine is 500 days behind",
    ...good("gmail"),
    world: { name: "behind", clock: "-500d" },
  },
  {
    cause: "cert.hostname-mismatch",
    staged: "a certificate for another host",
    ...at("mail.alias.example", 465, "tls", {
      465: shows(({ authority }) => issue(authority, { names: ["cpanel12.hosting.example"] })),
    }),
  },
  {
    cause: "cert.connect-by-ip",
    staged: "the host is given as an address, the certificate is for the name",
    ...at(
      "mail.byaddress.example",
      465,
      "tls",
      { 465: smtp({ security: "tls" }) },
      {
        host: "{mail.byaddress.example}",
      },
    ),
  },
  {
    cause: "cert.antivirus-interception",
    staged: "an interceptor whose issuer is Avast Web/Mail Shield Root",
    ...good("gmail"),
    world: { name: "avast", dns: { names: { "smtp.gmail.com": { a: ["{shield.avast.example}"] } } } },
    sites: [
      {
        host: "shield.avast.example",
        services: {
          465: shows(async () => {
            const shield = await makeAuthority({ name: "Avast Web/Mail Shield Root" });
            const { keyPem, chain } = await issue(shield, { names: ["smtp.gmail.com"] });
            return { keyPem, chain: chain + shield.certPem };
          }),
        },
      },
    ],
  },
  {
    cause: "cert.corporate-inspection",
    staged: "an interceptor whose issuer is Zscaler Root CA",
    ...good("gmail"),
    world: { name: "zscaler", dns: { names: { "smtp.gmail.com": { a: ["{gateway.zscaler.example}"] } } } },
    sites: [
      {
        host: "gateway.zscaler.example",
        services: {
          465: shows(async () => {
            const gateway = await makeAuthority({ name: "Zscaler Root CA" });
            const { keyPem, chain } = await issue(gateway, { names: ["smtp.gmail.com"] });
            return { keyPem, chain: chain + gateway.certPem };
          }),
        },
      },
    ],
  },
  {
    cause: "cert.weak-key-or-digest",
    staged: "an RSA key of 1024 bits",
    ...at("mail.rsa1024.example", 465, "tls", {
      465: async (place) => {
        const weak = await signedByOpenssl(place.authority, place.host, { bits: 1024, altName: true });
        return overTls({
          options: async () => ({ key: weak.keyPem, cert: weak.chain, ciphers: "DEFAULT:@SECLEVEL=0" }),
        })(place);
      },
    }),
  },
  {
    cause: "cert.cn-only",
    staged: "a certificate whose name stands in the subject only",
    verdict: "degraded",
    ...at("mail.cnonly.example", 465, "tls", {
      465: shows(({ authority, host }) => signedByOpenssl(authority, host, { bits: 2048, altName: false })),
    }),
  },
  {
    cause: "cert.verification-disabled",
    staged: "NODE_TLS_REJECT_UNAUTHORIZED=0",
    verdict: "degraded",
    ...good("gmail"),
    world: { name: "noverify", env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } },
  },
];
