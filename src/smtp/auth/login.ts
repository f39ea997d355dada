// LOGIN (draft-murchison-sasl-login): user name, then password, in this order whatever the prompts say.
import { type Exchange, noMore, secretOf } from "./exchange.ts";

export const login: Exchange = ({ credentials }) => ({
  say: null,
  complete: false,
  next: () => ({
    say: credentials.username,
    complete: false,
    next: () => ({ say: secretOf(credentials), complete: true, next: noMore("LOGIN") }),
  }),
});
