// Which mechanisms to sign in with: the best first among what both sides have.
import type { Credentials, Mechanism } from "../options.ts";
import { cramMd5 } from "./cram-md5.ts";
import type { Exchange } from "./exchange.ts";
import { login } from "./login.ts";
import { oauthbearer } from "./oauthbearer.ts";
import { plain } from "./plain.ts";
import { scramSha256 } from "./scram-sha-256.ts";
import { xoauth2 } from "./xoauth2.ts";

export const exchanges: Readonly<Record<Mechanism, Exchange>> = {
  "SCRAM-SHA-256": scramSha256,
  PLAIN: plain,
  LOGIN: login,
  "CRAM-MD5": cramMd5,
  OAUTHBEARER: oauthbearer,
  XOAUTH2: xoauth2,
};

/** CRAM-MD5 comes last: many servers list it that hold no password they could check it against. */
const forPassword: readonly Mechanism[] = ["SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5"];
const forToken: readonly Mechanism[] = ["OAUTHBEARER", "XOAUTH2"];

/** Every mechanism that both sides have, in the order to try them; the caller's own order wins. */
export function choose(credentials: Credentials, offered: readonly string[]): Mechanism[] {
  const fitting = "password" in credentials ? forPassword : forToken;
  const wanted = credentials.mechanisms?.filter((mechanism) => fitting.includes(mechanism)) ?? fitting;
  return wanted.filter((mechanism) => offered.includes(mechanism));
}
