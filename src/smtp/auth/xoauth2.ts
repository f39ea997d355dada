// XOAUTH2, Google's and Microsoft's way to sign in with an access token.
// Source: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
import { type Exchange, noMore, secretOf } from "./exchange.ts";

export const xoauth2: Exchange = ({ credentials }) => ({
  // The line is often longer than the 512 bytes of RFC 5321; both makers document the initial response.
  say: `user=${credentials.username}\x01auth=Bearer ${secretOf(credentials)}\x01\x01`,
  complete: true,
  // A challenge carries the error as JSON; after an empty line the server gives its refusal.
  next: (challenge) => ({
    say: "",
    complete: false,
    challenge: challenge.toString("utf8"),
    next: noMore("XOAUTH2"),
  }),
});
