// A failure and the account it happened to, put before the book of causes.
import type { Account } from "../accounts/account.ts";
import { SignInFailure } from "../accounts/signin.ts";
import { type JudgeContext, judge as judgeByTheBook } from "../causes/judge.ts";
import type { Verdict } from "../causes/verdict.ts";
import { provider, UnknownProvider } from "../providers/catalogue.ts";
import type { Provider } from "../providers/provider.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { SmtpFailure } from "../smtp/failure.ts";
import type { TranscriptLine } from "../smtp/transcript.ts";

export type Judge = (failure: SmtpFailure, context: JudgeContext) => Verdict;

/** The attempt a failure belongs to. */
export interface Attempted {
  readonly account: Account;
  /** The one of the account's endpoints that was tried. */
  readonly endpoint: Endpoint;
  /** The reverse-path. */
  readonly sender: string;
  readonly transcript: readonly TranscriptLine[];
}

/** A sign-in that failed before the dialogue brings its verdict along. */
export function verdictOn(
  failure: SmtpFailure,
  attempted: Attempted,
  judge: Judge = judgeByTheBook,
): Verdict {
  if (failure instanceof SignInFailure) return failure.verdict;
  const { account, endpoint, sender, transcript } = attempted;
  return judge(failure, {
    provider: knownProvider(account),
    endpoint,
    secretKind: account.secretKind,
    sender,
    transcript,
    ...(account.username === null ? {} : { username: account.username }),
    ...(account.from === null ? {} : { from: account.from }),
  });
}

/** Null for a server that the catalogue does not know, or knows no more. */
export function knownProvider(account: Account): Provider | null {
  if (account.provider === null) return null;
  try {
    return provider(account.provider);
  } catch (error) {
    if (error instanceof UnknownProvider) return null;
    throw error;
  }
}
