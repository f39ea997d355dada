// What DNS says of the sender: mail leaves, and arrives in no inbox.
import type { CauseId } from "../../../src/causes/book.ts";
import type { Case } from "../case.ts";
import { good } from "./make.ts";

/** A domain of senders.ts through SendGrid's replica, which takes it. */
function from(cause: CauseId, staged: string, address: string): Case {
  const right = good("sendgrid");
  return {
    cause,
    staged,
    verdict: "degraded",
    ...right,
    input: { ...right.input, from: address },
  };
}

export const delivery: readonly Case[] = [
  from("delivery.spf-lacks-provider", "the SPF record names another provider", "me@nospf.example"),
  from(
    "delivery.spf-broken",
    "an SPF record with a misspelled mechanism and an include that does not exist",
    "me@brokenspf.example",
  ),
  from("delivery.dkim-missing", "no DKIM key under the provider's selectors", "me@nodkim.example"),
  from("delivery.no-dmarc-record", "no DMARC record", "me@nodmarc.example"),
  from("delivery.from-freemail-domain", "a gmail.com sender through SendGrid", "me@gmail.com"),
];
