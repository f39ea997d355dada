// The message itself.
import type { Case } from "../case.ts";
import { said } from "./make.ts";

export const data: readonly Case[] = [
  said("data.unauthenticated-sender", {
    by: "gmail",
    at: "content",
    says: "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n550 5.7.26 https://support.google.com/mail/answer/81126 gsmtp",
  }),
  said("data.microsoft-5.7.515", {
    by: "microsoft-365",
    at: "content",
    says: "550 5.7.515 Access denied, sending domain onmicrosoft.com does not meet the required authentication level.",
  }),
  said("data.spf-fail", {
    by: "fastmail",
    at: "content",
    says: "550 5.7.23 <friend@kestrel.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized",
  }),
  said("data.dkim-fail", {
    by: "fastmail",
    at: "content",
    says: "550 5.7.20 No passing DKIM signature found",
  }),
  said("data.no-reverse-dns", {
    by: "gmail",
    at: "content",
    says: "550-5.7.25 The IP address sending this message does not have a PTR record setup,\n550 5.7.25 or the corresponding forward DNS entry does not point to the sending IP. gsmtp",
  }),
  said("data.content-rejected", {
    by: "163",
    at: "content",
    says: "554 DT:SPM 163 smtp10,DsCowAC3v7r9,please see http://mail.163.com/help/help_spam_16.htm?ip=45.131.0.9",
  }),
  said("data.bad-or-missing-headers", {
    by: "qq",
    at: "content",
    says: '550 The "From" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard protocol. https://service.mail.qq.com/detail/124/995.',
  }),
  said("data.bare-lf", {
    by: "fastmail",
    at: "content",
    says: "521 5.5.2 mail.fastmail.com Error: bare <LF> received",
  }),
  said("data.line-too-long", {
    by: "fastmail",
    at: "content",
    says: "550 5.6.0 Message rejected: maximum allowed line length is 998 octets, line too long",
  }),
  said("data.8bit-not-supported", {
    by: "mailjet",
    at: "content",
    says: "554 5.6.3 Conversion required but not supported: 8BITMIME",
  }),
  said("data.unusual-activity-lock", {
    by: "zoho",
    at: "content",
    says: "550 5.4.6 Unusual sending activity detected. Please try after sometime. To unblock your account, visit https://mail.zoho.com/UnblockMe",
  }),
  said("data.timeout-after-data", {
    by: "amazon-ses",
    at: "content",
    says: "451 4.4.2 Timeout waiting for data from client.",
  }),
  said("data.connection-lost-after-dot", { by: "fastmail", at: "content", says: { do: "drop" } }),
  said("data.protocol-error-local", {
    by: "fastmail",
    at: "content",
    says: "554 5.6.0 Transaction failed: Expected disposition, got 34",
  }),
];
