// Signing in: who is refused, and for what.
import type { Case } from "../case.ts";
import { smtp } from "../peers/smtp.ts";
import { at, good, said } from "./make.ts";

export const auth: readonly Case[] = [
  said("auth.bad-credentials", {
    by: "gmail",
    at: "auth",
    says: "535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8 https://support.google.com/mail/?p=BadCredentials 98e67ed59e1d1-2c9f gsmtp",
  }),
  {
    cause: "auth.bad-credentials",
    staged: "a server of one's own with Postfix's words: 535 5.7.8 Error: authentication failed",
    ...at("mail.badpass.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: () => ({
          signIn: () => ({
            do: "answer",
            answer: { code: 535, lines: ["5.7.8 Error: authentication failed: (reason unavailable)"] },
          }),
        }),
      }),
    }),
  },
  said("auth.app-password-required", {
    by: "gmail",
    at: "auth",
    password: "MyOwnPassword-2019",
    says: "534-5.7.9 Application-specific password required. For more information, go to\n534 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor d9443c01a7336 gsmtp",
  }),
  said("auth.authorization-code-required", {
    by: "qq",
    at: "auth",
    password: "MyOwnPassword-2019",
    says: "535 Login Fail. Please enter your authorization code to login. More information in http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
  }),
  said("auth.smtp-service-not-enabled", { by: "163", at: "auth", says: "550 User has no permission" }),
  said("auth.smtp-auth-disabled-tenant", {
    by: "microsoft-365",
    at: "auth",
    says: "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [AM0PR01CA0123.eurprd01.prod.exchangelabs.com]",
  }),
  said("auth.basic-auth-disabled", {
    by: "microsoft-365",
    at: "auth",
    says: "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [LO4P265CA0001.GBRP265.PROD.OUTLOOK.COM]",
  }),
  said("auth.security-defaults-or-conditional-access", {
    by: "microsoft-365",
    at: "auth",
    says: "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.",
  }),
  said("auth.too-many-logins", {
    by: "gmail",
    at: "auth",
    says: "454 4.7.0 Too many login attempts, please try again later. 5-20020a05600c228500b003f gsmtp",
  }),
  said("auth.web-login-required", {
    by: "gmail",
    at: "auth",
    says: "534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1&scc=1> Please\n534-5.7.14 log in via your web browser and then try again.\n534 5.7.14 Learn more at https://support.google.com/mail/answer/78754 gsmtp",
  }),
  {
    cause: "auth.xoauth2-challenge",
    staged: "replica of Outlook, signed in to with an access token that it does not know",
    ...good("outlook"),
    proof: { accessToken: "lapsed-access-token" },
  },
  said("auth.malformed-sasl", {
    by: "zoho",
    at: "auth",
    says: "501 5.5.2 Cannot Decode response",
  }),
  said("auth.temporary-failure", {
    by: "fastmail",
    at: "auth",
    says: "454 4.7.0 Temporary authentication failure: Connection lost to authentication server",
  }),
  said("auth.account-blocked-or-unpaid", {
    by: "sendgrid",
    at: "auth",
    says: "451 Authentication failed: Maximum credits exceeded",
  }),
  said("auth.source-ip-not-allowed", { by: "brevo", at: "auth", says: "525 5.7.1 Unauthorized IP address" }),
  said("auth.wrong-kind-of-key", {
    by: "sendgrid",
    at: "auth",
    password: "MyOwnPassword-2019",
    says: "535 Authentication failed: Bad username / password",
  }),
  said("auth.connection-closed", { by: "yahoo", at: "auth", says: { do: "drop" } }),
  {
    cause: "auth.not-offered-at-all",
    staged: "a server that lists no AUTH, neither before TLS nor after",
    ...at("mail.noauth.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: () => ({ capabilities: ({ secured }) => (secured ? ["SIZE 52428800"] : ["STARTTLS"]) }),
      }),
    }),
  },
  {
    cause: "auth.mechanism-unsupported",
    staged: "a server that offers NTLM and GSSAPI only",
    ...at("mail.ntlm.example", 587, "starttls", {
      587: smtp({
        security: "starttls",
        rules: () => ({
          capabilities: ({ secured }) => (secured ? ["AUTH NTLM GSSAPI", "SIZE 52428800"] : ["STARTTLS"]),
        }),
      }),
    }),
  },
];
