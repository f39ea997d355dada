// What a server says first, or does not.
import type { Case } from "../case.ts";
import { closesAtOnce, dialogue, says, saysAndCloses, silent, staysInClear, web } from "../peers/raw.ts";
import { reply, smtp, usual } from "../peers/smtp.ts";
import { at, good, set, site } from "./make.ts";

/** What Cisco's inspection leaves of a greeting. */
const masked = "220 ****************************************0*0*0*0*****************\r\n";

export const banner: readonly Case[] = [
  {
    cause: "banner.silent-server",
    staged: "a server on 587 that takes connections and says nothing, in TLS or without",
    ...at("mail.silent.example", 587, "starttls", { 587: silent }),
  },
  {
    cause: "banner.slow-tarpit",
    staged: "a server that greets after twelve seconds; the doctor is patient",
    ...at("mail.tarpit.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: (host) => ({
          greet: () => ({ do: "late", ms: 12_000, answer: { code: 220, lines: [usual(host).greeting] } }),
        }),
      }),
    }),
    verdict: "degraded",
    options: { patient: true },
  },
  {
    cause: "banner.421-busy-or-limited",
    staged: 'greeting "421 4.7.0 Too many connections from your IP"',
    ...at("mail.busy.example", 587, "starttls", {
      587: saysAndCloses("421 4.7.0 mail.busy.example Error: too many connections from 10.77.1.2\r\n"),
    }),
  },
  {
    cause: "banner.554-refused",
    staged: 'greeting "554 … blocked"',
    ...at("mail.refuses.example", 587, "starttls", {
      587: saysAndCloses("554 mail.refuses.example No SMTP service here\r\n"),
    }),
  },
  {
    cause: "banner.other-protocol",
    staged: "an SSH server on the port",
    ...at("mail.ssh.example", 587, "starttls", { 587: says("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n") }),
  },
  {
    cause: "banner.http-server",
    staged: "a web server on 587: it waits, and answers 400 to EHLO",
    ...at("mail.webserver.example", 587, "starttls", { 587: web }),
  },
  {
    cause: "banner.closed-without-greeting",
    staged: "a server that closes each connection at once",
    ...at("mail.closes.example", 587, "starttls", { 587: closesAtOnce }),
  },
  {
    cause: "banner.cisco-fixup",
    staged: "greeting of asterisks; EHLO refused with 500, HELO taken",
    ...at("mail.cisco.example", 587, "starttls", {
      587: dialogue(masked, (line) =>
        /^HELO/i.test(line)
          ? "250 mail.cisco.example\r\n"
          : /^QUIT/i.test(line)
            ? "221 Bye\r\n"
            : "500 Command unrecognized\r\n",
      ),
    }),
  },
  {
    cause: "banner.not-the-expected-provider",
    staged: "the provider's name leads to a server that greets and signs as another",
    ...good("gmail", "starttls"),
    world: {
      name: "wronghst",
      dns: { names: { "smtp.gmail.com": { a: ["{mail.other-company.example}"] } } },
    },
    sites: [site("mail.other-company.example", { 587: smtp({ security: "starttls" }) })],
  },
];

export const ehlo: readonly Case[] = [
  {
    cause: "ehlo.name-rejected",
    staged: "EHLO is answered with 550 for the client's name",
    ...at("mail.heloname.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: () => ({ ehlo: ({ hello }) => reply(`501 5.5.4 Invalid domain name ${hello ?? ""}`) }),
      }),
    }),
  },
  {
    cause: "ehlo.not-implemented",
    staged: "EHLO is answered with 502, HELO with 250",
    ...at("mail.heloonly.example", 587, "starttls", {
      587: dialogue("220 mail.heloonly.example SMTP\r\n", (line) =>
        /^HELO/i.test(line)
          ? "250 mail.heloonly.example\r\n"
          : /^QUIT/i.test(line)
            ? "221 Bye\r\n"
            : "502 5.5.1 Command not implemented\r\n",
      ),
    }),
  },
  {
    cause: "ehlo.starttls-missing",
    staged: "a server on 587 that lists no STARTTLS",
    ...at("mail.notls.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: () => ({ capabilities: () => ["SIZE 52428800", "AUTH PLAIN LOGIN"] }),
      }),
    }),
  },
  {
    cause: "ehlo.starttls-stripped-xxxxxxxa",
    staged: "a middlebox has made XXXXXXXA of STARTTLS",
    ...at("mail.stripped.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: () => ({ capabilities: () => ["SIZE 52428800", "XXXXXXXA"] }),
      }),
    }),
  },
  {
    cause: "ehlo.starttls-refused",
    staged: "STARTTLS is answered with 454 4.7.0 TLS not available due to local problem",
    ...at("mail.tlsbroken.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: () => ({ starttls: () => reply("454 4.7.0 TLS not available due to local problem") }),
      }),
    }),
  },
  {
    cause: "ehlo.starttls-required",
    staged: "set to no encryption; MAIL FROM is answered with 530 5.7.0 Must issue a STARTTLS command first",
    ...at(
      "mail.wantstls.example",
      587,
      "none",
      {
        587: smtp({
          security: "starttls",
          rules: () => ({ mail: () => reply("530 5.7.0 Must issue a STARTTLS command first") }),
        }),
      },
      { username: null },
    ),
    proof: null,
  },
  {
    cause: "ehlo.plaintext-after-starttls",
    staged: "STARTTLS is answered with 220, and then SMTP goes on in clear",
    ...at("mail.halftls.example", 587, "starttls", {
      587: staysInClear,
    }),
  },
  {
    cause: "ehlo.silent-plaintext-downgrade",
    staged: "set to no encryption, at a server elsewhere that offers STARTTLS and takes mail in clear",
    verdict: "degraded",
    ...set("mail.inclear.example", 25, "none", { username: null }),
    proof: null,
    sites: [
      site("mail.inclear.example", {
        25: smtp({ security: "starttls" }),
      }),
    ],
  },
];
