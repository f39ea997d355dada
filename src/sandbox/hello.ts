// EHLO, HELO and STARTTLS.
import { formatAnswer } from "./answer.ts";
import type { Dialogue } from "./dialogue.ts";

export function hello(d: Dialogue, verb: "EHLO" | "HELO", argument: string) {
  if (argument === "") return d.mistake(501, "5.5.4", `${verb} needs a name`);
  d.facts.hello = argument;
  d.transaction = null;
  if (d.apply(d.rules.ehlo?.(d.facts))) return;
  const keywords = verb === "EHLO" ? d.offer.lines : [];
  d.write(formatAnswer({ code: 250, lines: [d.rules.name, ...keywords] }));
}

/** RFC 3207. */
export function starttls(d: Dialogue, argument: string) {
  if (d.facts.secured) return d.mistake(503, "5.5.1", "TLS is on already");
  if (argument !== "") return d.mistake(501, "5.5.4", "STARTTLS takes no parameter");
  if (!d.offer.has("STARTTLS") || !d.hasCertificate)
    return d.mistake(502, "5.5.1", "STARTTLS is not offered");
  const effect = d.rules.starttls?.(d.facts) ?? null;
  const replaced = d.apply(effect);
  if (replaced && effect?.do !== "bytes") return;
  if (!replaced) d.say(220, "2.0.0", "Ready to start TLS");
  // Nothing said before TLS counts any more, the name in EHLO included (§4.2).
  d.facts.hello = null;
  d.transaction = null;
  d.secure();
}
