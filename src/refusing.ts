// What cannot become a message: whether it may yet, and how it is shown when it may not.
import { AccountError } from "./accounts/error.ts";
import type { CauseId } from "./causes/book.ts";
import type { Verdict } from "./causes/verdict.ts";
import { PostriderError } from "./error.ts";
import { MessageError } from "./messages/error.ts";
import { defaultLifetime, type Lane, lanes } from "./messages/lanes.ts";
import { MailRequestError } from "./messages/request.ts";
import type { Instant, Refused, Submitted } from "./queue/store.ts";

/** An account or a route that was just made is known to every process by then. Milliseconds. */
const settled = 10_000;
const firstPause = 500;
const longestPause = 30_000;
/** What fails for a reason of ours is tried so many times. */
const mostTries = 6;
/** What is shown of an address that may be anything, and of how many. */
const longestAddress = 320;
const mostAddresses = 1000;

/**
 * - What is wrong with the mail itself is refused.
 * - What is wrong with accounts and routes may be news that has not come here yet; then it is refused as over HTTP. Only
 *   that there is no account at all, as after an installation, is waited for until the mail expires: the application has
 *   committed and cannot be told.
 */
export function judged(
  error: unknown,
  submitted: Submitted,
  now: Instant,
): { readonly verdict: Verdict } | { readonly putOffUntil: Instant } {
  const { tries, submittedAt } = submitted;
  const message = error instanceof Error ? error.message : String(error);
  const later = { putOffUntil: now + Math.min(longestPause, firstPause * 2 ** Math.min(tries - 1, 10)) };
  if (error instanceof MailRequestError) return { verdict: verdictOf("message.malformed", message) };
  if (error instanceof MessageError)
    // It is said of the whole message only that it is too large.
    return {
      verdict: verdictOf(
        error.field === "message" ? "message.too-large-for-limit" : "message.malformed",
        message,
      ),
    };
  if (error instanceof AccountError || error instanceof PostriderError) {
    if (now < submittedAt + settled) return later;
    if (error instanceof AccountError && error.problem === "no-account")
      return now < shownOf(submitted).expiresAt ? later : { verdict: verdictOf("message.expired", message) };
    const tooLarge = error instanceof PostriderError && error.problem === "too-large";
    return { verdict: verdictOf(tooLarge ? "message.too-large-for-limit" : "message.malformed", message) };
  }
  return tries < mostTries ? later : { verdict: verdictOf("message.malformed", message) };
}

/** The message that stands for it: one that has failed. */
export function refusedOf(submitted: Submitted, verdict: Verdict, at: Instant): Refused {
  const { id, origin, submittedAt } = submitted;
  // It was never composed, so it has no Message-ID and nothing that could leave under a sender.
  return {
    id,
    origin,
    messageId: "",
    envelopeFrom: "",
    createdAt: submittedAt,
    at,
    verdict,
    ...shownOf(submitted),
  };
}

function verdictOf(cause: CauseId, message: string): Verdict {
  return {
    stage: "content",
    scope: "message",
    certainty: "not-accepted",
    retry: "permanent",
    cause,
    reply: null,
    code: null,
    message,
    waitMs: null,
  };
}

/** As much of it as is of the right kind. */
function shownOf({
  mail,
  submittedAt,
}: Submitted): Pick<Refused, "lane" | "route" | "recipients" | "view" | "sensitive" | "expiresAt"> {
  const given = JSON.parse(mail) as Readonly<Record<string, unknown>>;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const list = (value: unknown) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => typeof one === "string" && one !== "")
      .slice(0, mostAddresses)
      .map((one: string) => one.slice(0, longestAddress));
  const lane = lanes.find((one) => one === given.lane) ?? "normal";
  const sensitive = given.sensitive === true;
  const [to, cc, bcc] = [list(given.to), list(given.cc), list(given.bcc)];
  return {
    lane,
    route: text(given.route ?? given.account) || null,
    recipients: [...new Set([...to, ...cc, ...bcc])].slice(0, mostAddresses),
    view: {
      from: text(given.from).slice(0, longestAddress),
      to,
      cc,
      bcc,
      replyTo: list(given.reply_to),
      subject: sensitive ? "" : text(given.subject).slice(0, 2000),
      tags: [],
    },
    sensitive,
    expiresAt: expiryOf(text(given.expires_at), lane, submittedAt),
  };
}

function expiryOf(given: string, lane: Lane, submittedAt: Instant): Instant {
  const wanted = Date.parse(given);
  return Number.isNaN(wanted) ? submittedAt + defaultLifetime[lane] : wanted;
}
