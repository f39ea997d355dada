// PLAIN (RFC 4616), with the initial response, so that it takes one round trip.
import { type Exchange, noMore, secretOf, type Turn } from "./exchange.ts";

export const plain: Exchange = ({ credentials }) => {
  const say = `\0${credentials.username}\0${secretOf(credentials)}`;
  const again: Turn = { say, complete: true, next: noMore("PLAIN") };
  // Some servers overlook the initial response and ask for it.
  return { say, complete: true, next: () => again };
};
