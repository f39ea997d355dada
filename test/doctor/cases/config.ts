// Settings that cannot be right, whatever the network does.
import type { Case } from "../case.ts";
import { says } from "../peers/raw.ts";
import { smtp } from "../peers/smtp.ts";
import { at, good, said, set } from "./make.ts";

export const config: readonly Case[] = [
  {
    cause: "config.tls-on-starttls-port",
    staged: "a server that speaks STARTTLS on 587, set to SSL/TLS",
    ...at("mail.plainfirst.example", 587, "tls", { 587: smtp({ security: "starttls" }) }),
  },
  {
    cause: "config.plain-on-implicit-tls-port",
    staged: "a server that speaks TLS on 465, set to STARTTLS",
    ...at("mail.tlsfirst.example", 465, "starttls", { 465: smtp({ security: "tls" }) }),
    evidence: /TLS/,
  },
  {
    cause: "config.host-typo",
    staged: "smtp.gmial.com, which does not exist",
    ...set("smtp.gmial.com", 465, "tls", { username: "me@gmail.com", from: "me@gmail.com" }),
    evidence: /smtp\.gmail\.com/,
  },
  {
    cause: "config.host-exists-but-wrong-role",
    staged: "a provider's host for incoming mail, which drops 465 and answers on 25",
    ...set("gmail-smtp-in.l.google.com", 465, "tls"),
    world: { name: "mx", gateway: ["ip daddr {gmail-smtp-in.l.google.com} tcp dport != 25 drop"] },
    sites: [{ host: "gmail-smtp-in.l.google.com", services: { 25: smtp({ security: "starttls" }) } }],
  },
  {
    cause: "config.imap-or-pop-host",
    staged: "a server that greets with * OK IMAP4rev1 on the port",
    ...at("imap.letterbox.example", 143, "starttls", {
      143: says("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n"),
    }),
  },
  {
    cause: "config.imap-or-pop-host",
    staged: "POP3 on 110: +OK",
    ...at("pop.letterbox.example", 110, "starttls", { 110: says("+OK Dovecot ready.\r\n") }),
  },
  {
    cause: "config.falls-back-to-localhost",
    staged: "localhost as host of a Gmail account, where nothing listens",
    ...good("gmail", "starttls"),
    input: { ...good("gmail", "starttls").input, host: "localhost" },
  },
  {
    ...said("config.username-not-full-address", {
      by: "163",
      at: "auth",
      username: "demo",
      from: "demo@163.com",
      says: "535 Error: authentication failed",
    }),
  },
  {
    ...said("config.env-value-mangled", {
      by: "zoho",
      at: "auth",
      password: "undefined",
      says: "535 Authentication Failed",
    }),
  },
  {
    ...said("auth.bad-credentials", {
      by: "amazon-ses",
      at: "auth",
      says: "535 Authentication Credentials Invalid",
      // An account of another region is refused with the same words, so that this is a hint and no cause.
      evidence: /region/,
    }),
  },
  {
    cause: "tcp.timeout-cloud-egress-block",
    staged:
      "a rule that lets port 465 in, while the network drops it on the way out (the inbound rule is no cure)",
    ...good("gmail"),
    world: {
      name: "inbound",
      setUp: ["iptables -A INPUT -p tcp --dport 465 -j ACCEPT"],
      gateway: ["tcp dport { 25, 465, 587 } drop"],
    },
  },
];
