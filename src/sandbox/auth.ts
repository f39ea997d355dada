// AUTH (RFC 4954): from the command through the mechanism's dialogue to the decision.
import type { Effect } from "./answer.ts";
import type { Dialogue } from "./dialogue.ts";
import { beginExchange, decodeBase64, type Exchange } from "./sign-in.ts";

export function auth(d: Dialogue, argument: string) {
  const [name = "", initial, ...more] = argument.split(" ");
  const mechanism = name.toUpperCase();
  if (d.facts.hello === null) return d.mistake(503, "5.5.1", "Send EHLO first");
  if (d.facts.username !== null) return d.mistake(503, "5.5.1", "Already signed in");
  if (d.transaction !== null) return d.mistake(503, "5.5.1", "Not during a mail transaction");
  const effect = d.rules.auth?.(d.facts, mechanism) ?? null;
  if (effect !== null) return refuse(d, effect);
  if (!d.offer.has("AUTH")) return d.mistake(502, "5.5.1", "AUTH is not offered");
  const exchange = d.offer.hasMechanism(mechanism) ? beginExchange(mechanism, d.rules) : null;
  if (exchange === null) return d.mistake(504, "5.5.4", "Mechanism not offered");
  if (more.length > 0) return d.mistake(501, "5.5.4", "Too many parameters");
  d.state = { name: "sign-in", mechanism, exchange };
  if (initial === undefined) turn(d, mechanism, exchange, null);
  else respond(d, mechanism, exchange, initial === "=" ? "" : initial);
}

/** A line of the client in the middle of the exchange. */
export function respond(d: Dialogue, mechanism: string, exchange: Exchange, line: string) {
  const response = line === "*" ? null : decodeBase64(line);
  if (response !== null) return turn(d, mechanism, exchange, response);
  d.state = { name: "command" };
  if (line === "*") d.say(501, "5.7.0", "Sign-in given up");
  else d.mistake(501, "5.5.2", "That is not base64");
}

export function refuse(d: Dialogue, effect: Effect) {
  d.state = { name: "command" };
  d.counts.signInFailures++;
  d.apply(effect);
  d.countMistake();
}

function turn(d: Dialogue, mechanism: string, exchange: Exchange, response: Buffer | null) {
  const next = exchange(response);
  if (next.kind === "challenge") return challenge(d, next.text);
  d.state = { name: "command" };
  if (next.kind === "malformed") return d.mistake(501, "5.5.2", next.why);
  const { attempt } = next;
  const effect = d.rules.signIn(d.facts, attempt);
  if (effect !== null && effect.do !== "drip") {
    if (attempt.proof.kind !== "token" || effect.do !== "answer") return refuse(d, effect);
    // Both token mechanisms explain the refusal in a challenge of their own first.
    const status =
      mechanism === "XOAUTH2" ? { status: "400", schemes: "Bearer" } : { status: "invalid_token" };
    challenge(d, JSON.stringify(status));
    d.state = { name: "refusal", effect };
    return;
  }
  d.apply(effect);
  d.counts.signIns++;
  d.facts.username = attempt.username;
  d.say(235, "2.7.0", "Accepted");
}

function challenge(d: Dialogue, text: string): void {
  d.write(`334 ${Buffer.from(text, "utf8").toString("base64")}\r\n`);
}
