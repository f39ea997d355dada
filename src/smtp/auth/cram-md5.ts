// CRAM-MD5 (RFC 2195): proves the password without sending it; weak by today's measure, so the last choice.
import { createHmac } from "node:crypto";
import { type Exchange, noMore, secretOf } from "./exchange.ts";

export const cramMd5: Exchange = ({ credentials }) => ({
  say: null,
  complete: false,
  next: (challenge) => {
    const digest = createHmac("md5", secretOf(credentials)).update(challenge).digest("hex");
    return { say: `${credentials.username} ${digest}`, complete: true, next: noMore("CRAM-MD5") };
  },
});
