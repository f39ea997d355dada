// Real Exim.
import { claims } from "./claims.ts";
import { exim } from "./exim.ts";

claims("exim", exim, { mechanisms: ["PLAIN", "LOGIN", "CRAM-MD5"], smtputf8: true });
