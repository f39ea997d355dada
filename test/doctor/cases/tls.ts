// The handshake: versions, ciphers, keys, and what stands in between.
import type { Case } from "../case.ts";
import { closesWhenSpokenTo, dialogue, silent } from "../peers/raw.ts";
import { smtp } from "../peers/smtp.ts";
import { alerts, choosing, dh1024, overTls, secureRenegotiation, signedByOpenssl } from "../peers/tls.ts";
import { at, said } from "./make.ts";

export const tls: readonly Case[] = [
  {
    cause: "tls.unsupported-protocol",
    staged: "a server that answers every ClientHello with TLS 1.0",
    ...at("mail.tls10.example", 465, "tls", { 465: choosing(0x0301, 0x002f, Buffer.alloc(0)) }),
  },
  {
    cause: "tls.alert-protocol-version",
    staged: "OpenSSL with TLS 1.1 at most: alert 70",
    ...at("mail.tls11.example", 465, "tls", {
      465: smtp({ security: "tls", tls: { maxVersion: "TLSv1.1" } }),
    }),
  },
  {
    cause: "tls.handshake-failure",
    staged: "alert 40 to every ClientHello",
    ...at("mail.alert40.example", 465, "tls", { 465: alerts(40) }),
  },
  {
    cause: "tls.server-alert-internal-error",
    staged: "alert 80 to every ClientHello",
    ...at("mail.alert80.example", 465, "tls", { 465: alerts(80) }),
  },
  {
    cause: "tls.unrecognized-name",
    staged: "alert 112 to every ClientHello",
    ...at("mail.alert112.example", 465, "tls", { 465: alerts(112) }),
  },
  {
    cause: "tls.unknown-cipher-returned",
    staged: "a ServerHello that picks RC4-SHA, which was not offered",
    ...at("mail.rc4.example", 465, "tls", { 465: choosing(0x0303, 0x0005, secureRenegotiation) }),
  },
  {
    cause: "tls.unsafe-legacy-renegotiation",
    staged: "a ServerHello of TLS 1.2 without RFC 5746",
    ...at("mail.rfc5746.example", 465, "tls", { 465: choosing(0x0303, 0xc02f, Buffer.alloc(0)) }),
  },
  {
    cause: "tls.dh-key-too-small",
    staged: "TLS 1.2 with DHE alone and a group of 1024 bits",
    ...at("mail.dh1024.example", 465, "tls", {
      465: overTls({
        options: async ({ authority, host }) => {
          const { keyPem, chain } = await signedByOpenssl(authority, host, { bits: 2048, altName: true });
          return {
            key: keyPem,
            cert: chain,
            dhparam: dh1024(),
            ciphers: "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
            maxVersion: "TLSv1.2",
          };
        },
      }),
    }),
  },
  {
    cause: "tls.closed-during-handshake",
    staged: "a server that closes as soon as a ClientHello comes",
    ...at("mail.closeshello.example", 465, "tls", { 465: closesWhenSpokenTo }),
  },
  {
    cause: "tls.large-clienthello-intolerance",
    staged: "a box in between that resets on a ClientHello of more than 512 bytes",
    ...at("mail.smallhello.example", 465, "tls", {
      465: overTls({ before: (hello) => (hello.length > 512 ? "reset" : "pass") }),
    }),
  },
  {
    cause: "tls.client-certificate-required",
    staged: "a server that demands a certificate of the client (TLS 1.3, alert 116)",
    ...at("mail.clientcert.example", 465, "tls", {
      465: overTls({
        options: async ({ authority }) => ({
          requestCert: true,
          rejectUnauthorized: true,
          ca: authority.certPem,
        }),
      }),
    }),
  },
  {
    cause: "tls.handshake-timeout",
    staged: "a server that reads the ClientHello and says nothing",
    ...at("mail.mute.example", 465, "tls", { 465: silent }),
  },
  {
    cause: "tls.injected-before-handshake",
    staged: "a man in the middle sends a reply of his own right behind the 220 for STARTTLS",
    ...at("mail.injected.example", 587, "starttls", {
      587: dialogue("220 mail.injected.example ESMTP\r\n", (line) =>
        /^EHLO/i.test(line)
          ? "250-mail.injected.example\r\n250 STARTTLS\r\n"
          : /^STARTTLS/i.test(line)
            ? "220 2.0.0 Ready to start TLS\r\n250-mail.injected.example\r\n250 AUTH LOGIN\r\n"
            : null,
      ),
    }),
  },
  said("tls.provider-rejects-old-tls", {
    by: "microsoft-365",
    at: "auth",
    says: "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2. Visit https://aka.ms/smtp_auth_tls.",
  }),
  {
    cause: "tls.invalid-cipher-option",
    staged: "NODE_OPTIONS=--tls-cipher-list with a name that OpenSSL does not know",
    ...at("mail.ciphers.example", 465, "tls", { 465: smtp({ security: "tls" }) }),
    world: { name: "ciphers", env: { NODE_OPTIONS: "--tls-cipher-list=NOT-A-CIPHER" } },
  },
  {
    cause: "environment.openssl-conf",
    staged: "NODE_OPTIONS=--tls-min-v1.3 here, a server with TLS 1.2",
    ...at("mail.tls12.example", 465, "tls", {
      465: smtp({ security: "tls", tls: { maxVersion: "TLSv1.2" } }),
    }),
    world: { name: "min13", env: { NODE_OPTIONS: "--tls-min-v1.3" } },
  },
];
