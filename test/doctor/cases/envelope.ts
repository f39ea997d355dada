// Sender and recipients.
import type { Case } from "../case.ts";
import { said } from "./make.ts";

export const envelope: readonly Case[] = [
  said("envelope.sender-not-owned", {
    by: "qq",
    at: "mail",
    from: "someone-else@qq.com",
    says: "501 Mail from address must be same as authorization user.",
  }),
  said("envelope.sender-not-owned", {
    by: "163",
    at: "mail",
    from: "someone-else@163.com",
    says: "553 Mail from must equal authorized user",
  }),
  said("envelope.sender-not-owned", {
    by: "microsoft-365",
    at: "content",
    from: "someone-else@onmicrosoft.com",
    says: "554 5.2.252 SendAsDenied; me@onmicrosoft.com not allowed to send as someone-else@onmicrosoft.com; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
  }),
  said("envelope.sender-not-verified", {
    by: "sendgrid",
    at: "content",
    says: "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity requirements",
  }),
  said("envelope.sandbox", {
    by: "mailgun",
    at: "content",
    says: "550 5.7.1 Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.",
  }),
  said("envelope.authentication-required", {
    by: "gmx",
    at: "mail",
    says: "530 5.7.0 Authentication Required.",
  }),
  said("envelope.relay-denied", {
    by: "fastmail",
    at: "rcpt",
    to: "friend@kestrel.example",
    says: "554 5.7.1 <friend@kestrel.example>: Relay access denied",
  }),
  said("envelope.recipient-unknown", {
    by: "zoho",
    at: "rcpt",
    to: "nobody@kestrel.example",
    says: "550 5.1.1 <nobody@kestrel.example>: Recipient address rejected: User unknown",
  }),
  said("envelope.domain-not-found", {
    by: "icloud",
    at: "mail",
    says: "550 5.1.8 <me@nowhere.example>: Sender address rejected: Domain not found",
  }),
  said("envelope.too-many-recipients", {
    by: "gmail",
    at: "rcpt",
    to: "friend@kestrel.example",
    says: "452 4.5.3 Your message has too many recipients. For more information regarding Google's sending limits go to https://support.google.com/mail/?p=TooManyRecipientsError gsmtp",
  }),
  said("envelope.too-large", {
    by: "yandex",
    at: "content",
    says: "552 5.3.4 Message size exceeds fixed limit",
  }),
  said("envelope.mailbox-full", {
    by: "mail-ru",
    at: "rcpt",
    to: "friend@kestrel.example",
    says: "452 4.2.2 The email account that you tried to reach is over quota",
  }),
  said("envelope.greylisted", {
    by: "fastmail",
    at: "rcpt",
    to: "friend@kestrel.example",
    says: "450 4.2.0 <friend@kestrel.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/kestrel.example.html",
  }),
  said("envelope.rate-limited", {
    by: "amazon-ses",
    at: "content",
    says: "454 Throttling failure: Maximum sending rate exceeded.",
  }),
  said("envelope.daily-quota", {
    by: "gmail",
    at: "content",
    says: "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 5.4.5 sending limits go to https://support.google.com/a/answer/166852 gsmtp",
  }),
  said("envelope.smtputf8-missing", {
    by: "yahoo",
    at: "mail",
    says: "553 5.6.7 Must declare SMTPUTF8 to send unicode address",
  }),
  said("envelope.syntax", { by: "zoho", at: "mail", says: "501 5.1.7 Bad sender address syntax" }),
  said("envelope.bad-sequence", { by: "yandex", at: "mail", says: "503 5.5.1 Bad sequence of commands" }),
  said("envelope.source-ip-listed", {
    by: "gmx",
    at: "rcpt",
    to: "friend@kestrel.example",
    says: "554 5.7.1 Service unavailable; Client host [45.131.0.9] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/45.131.0.9",
  }),
];
