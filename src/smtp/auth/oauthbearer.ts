// OAUTHBEARER (RFC 7628): an access token, the standard way.
import { type Exchange, noMore, secretOf } from "./exchange.ts";
import { saslName } from "./saslprep.ts";

export const oauthbearer: Exchange = ({ credentials, host, port }) => ({
  say: [
    `n,a=${saslName(credentials.username)},`,
    `host=${host}`,
    `port=${port}`,
    `auth=Bearer ${secretOf(credentials)}`,
    "",
    "",
  ].join("\x01"),
  complete: true,
  // §3.2.3: a challenge carries the error as JSON; we answer with a lone 0x01, then the server refuses.
  next: (challenge) => ({
    say: "\x01",
    complete: false,
    challenge: challenge.toString("utf8"),
    next: noMore("OAUTHBEARER"),
  }),
});
