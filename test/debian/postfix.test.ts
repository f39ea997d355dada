// Real Postfix with Dovecot's SASL.
import { claims } from "./claims.ts";
import { postfix } from "./postfix.ts";

claims("postfix", postfix, {
  mechanisms: ["SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5"],
  smtputf8: true,
});
