// Real OpenSMTPD.
import { claims } from "./claims.ts";
import { opensmtpd } from "./opensmtpd.ts";

claims("opensmtpd", opensmtpd, { mechanisms: ["PLAIN", "LOGIN"], smtputf8: false });
