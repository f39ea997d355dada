// What every engine says in the same words about the suppression list.
import type { Verdict } from "../causes/verdict.ts";

/** Longest note kept with an entry, in characters. */
const longestDetail = 500;

/** How an address stands on the list. */
export function suppressionKey(address: string): string {
  return address.toLowerCase();
}

/** What was heard, on one line. */
export function suppressionDetail(verdict: Verdict | null): string {
  if (verdict === null) return "";
  const { reply, message } = verdict;
  const heard = reply === null ? message : `${reply.code} ${reply.lines.join(" ")}`;
  return heard.replaceAll(/\s+/g, " ").trim().slice(0, longestDetail);
}
