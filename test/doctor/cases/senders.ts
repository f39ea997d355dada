// What DNS says of the domains that mail of the stage is from: all in order, unless the name says otherwise.
import type { Records } from "../world.ts";

const key =
  "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu5oIUrFDWZK7F4thFxpZa2or6jBEX3cSL6b2";
const strict = { txt: ["v=DMARC1; p=reject; rua=mailto:dmarc@kestrel.example"] };
const mailExchanger = { mx: ["mx.kestrel.example"] };

/** A domain that mail leaves from through SendGrid; each of these leaves something of it out. */
function throughSendgrid(
  domain: string,
  {
    spf = "v=spf1 include:sendgrid.net -all",
    dkim = true,
    dmarc = true,
  }: { readonly spf?: string; readonly dkim?: boolean; readonly dmarc?: boolean } = {},
): Readonly<Record<string, Records>> {
  return {
    [domain]: { ...mailExchanger, a: ["{example.com}"], txt: [spf] },
    ...(dkim
      ? { [`s1._domainkey.${domain}`]: { txt: [key] }, [`s2._domainkey.${domain}`]: { txt: [key] } }
      : {}),
    ...(dmarc ? { [`_dmarc.${domain}`]: strict } : {}),
  };
}

const includes = [
  "sendgrid.net",
  "amazonses.com",
  "mailgun.org",
  "spf.brevo.com",
  "spf.mtasv.net",
  "_spf.google.com",
  "spf.protection.outlook.com",
  "spf.mailjet.com",
  "zoho.com",
  "_spf.mailersend.net",
  "spf.smtp2go.com",
];

/** A mailbox provider's own domain, which its mail is signed for. */
function freemail(domain: string, selectors: readonly string[] = []): Readonly<Record<string, Records>> {
  return {
    [domain]: { ...mailExchanger, a: ["{example.com}"], txt: [`v=spf1 include:_spf.${domain} ~all`] },
    [`_spf.${domain}`]: { txt: ["v=spf1 ip4:45.131.0.0/16 ~all"] },
    [`_dmarc.${domain}`]: { txt: ["v=DMARC1; p=none; rua=mailto:dmarc@kestrel.example"] },
    ...Object.fromEntries(selectors.map((one) => [`${one}._domainkey.${domain}`, { txt: [key] }])),
  };
}

export const senders: Readonly<Record<string, Records>> = {
  ...Object.fromEntries(includes.map((name) => [name, { txt: ["v=spf1 ip4:45.131.0.0/16 ~all"] }])),
  "mx.kestrel.example": { a: ["{example.com}"] },
  ...throughSendgrid("kestrel.example"),
  ...throughSendgrid("nospf.example", { spf: "v=spf1 include:_spf.google.com -all" }),
  ...throughSendgrid("brokenspf.example", {
    spf: "v=spf1 include:sendgrid.net include:gone.example inclde:oops -all",
  }),
  ...throughSendgrid("nodkim.example", { dkim: false }),
  ...throughSendgrid("nodmarc.example", { dmarc: false }),
  ...freemail("gmail.com", ["20230601"]),
  ...freemail("qq.com", ["s201512"]),
  ...freemail("163.com", ["s110527"]),
  ...freemail("zoho.com", ["zmail", "zoho"]),
  ...freemail("yahoo.com", ["s2048"]),
  ...freemail("fastmail.com", ["fm1", "fm2", "fm3"]),
  ...freemail("icloud.com", ["1a1hai"]),
  ...freemail("outlook.com", ["selector1", "selector2"]),
  ...freemail("mail.ru", ["mail4", "mailru"]),
  ...freemail("yandex.ru", ["mail"]),
  ...freemail("gmx.net", ["s31663417"]),
};
