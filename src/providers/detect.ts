// Which provider serves an address: told by its domain, else by who receives mail for that domain.
import { Resolver } from "node:dns/promises";
import { domainToASCII } from "node:url";
import { providers } from "./catalogue/all.ts";
import type { Provider } from "./provider.ts";

export interface MxRecord {
  readonly exchange: string;
  /** The lowest is tried first (RFC 5321 §5.1). */
  readonly priority: number;
}

/** Rejects as `node:dns` does, with a `code`. */
export type ResolveMx = (domain: string) => Promise<readonly MxRecord[]>;

export interface Detection {
  readonly provider: Provider | null;
  /** How it was recognised; null when it was not. */
  readonly by: "domain" | "mx" | null;
  /** One line for a person: what was seen, also when it led nowhere. */
  readonly evidence: string;
}

export interface DetectOptions {
  /** Milliseconds that the resolver has; default 5,000. */
  readonly timeout?: number;
}

/** What was given is no email address. */
export class AddressError extends Error {
  readonly address: string;

  constructor(address: string, why: string) {
    super(
      `${JSON.stringify(address.slice(0, 100))} is not an email address: ${why}. Write it as name@example.com.`,
    );
    this.name = "AddressError";
    this.address = address;
  }
}

/**
 * Recognises the provider of `address` by its domain, then by the MX records of the domain, which are asked for
 * only when the domain itself says nothing. Throws AddressError. A resolver that fails, or does not answer in
 * time, is no error: nothing was recognised, and the evidence says why.
 */
export async function detect(
  address: string,
  resolveMx: ResolveMx = systemResolver,
  options: DetectOptions = {},
): Promise<Detection> {
  const domain = domainOf(address);
  const owner = providers.find((entry) => entry.domains.includes(domain));
  if (owner !== undefined) {
    return { provider: owner, by: "domain", evidence: `${domain} is a domain of ${owner.name}.` };
  }
  const timeout = options.timeout ?? 5_000;
  const answer = await within(timeout, ask(domain, resolveMx));
  if (answer === null) return nothing(`The MX records of ${domain} did not arrive within ${timeout} ms.`);
  if (typeof answer === "string") return nothing(answer);
  return byMx(domain, answer);
}

function byMx(domain: string, answer: readonly MxRecord[]): Detection {
  const records = answer
    .map(({ exchange, priority }) => ({ priority, exchange: exchange.toLowerCase().replace(/\.$/, "") }))
    .sort((a, b) => a.priority - b.priority);
  if (records.length === 0) return nothing(`${domain} has no MX records.`);
  if (records.every(({ exchange }) => exchange === "")) {
    return nothing(`${domain} declares that it takes no mail (a null MX, RFC 7505).`);
  }
  for (const { exchange } of records) {
    const match = ownerOfExchange(exchange);
    if (match !== null) {
      return {
        provider: match.entry,
        by: "mx",
        evidence: `Mail for ${domain} goes to ${exchange}, and ${match.suffix} belongs to ${match.entry.name}.`,
      };
    }
  }
  const seen = records.slice(0, 3).map(({ exchange }) => exchange || ".");
  return nothing(
    `Mail for ${domain} goes to ${seen.join(", ")}, which no provider in the catalogue is known by.`,
  );
}

function ownerOfExchange(exchange: string): { entry: Provider; suffix: string } | null {
  let best: { entry: Provider; suffix: string } | null = null;
  for (const entry of providers) {
    for (const suffix of entry.mxSuffixes) {
      const fits = exchange === suffix || exchange.endsWith(`.${suffix}`);
      if (fits && suffix.length > (best?.suffix.length ?? 0)) best = { entry, suffix };
    }
  }
  return best;
}

/** The records, or what to say of their absence. */
async function ask(domain: string, resolveMx: ResolveMx): Promise<readonly MxRecord[] | string> {
  try {
    return await resolveMx(domain);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOTFOUND") return `The domain ${domain} does not exist (ENOTFOUND).`;
    if (code === "ENODATA") return `${domain} has no MX records (ENODATA).`;
    return `The MX records of ${domain} could not be looked up: the resolver answered ${code.slice(0, 100)}.`;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  const { promise: tooLate, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, ms, null);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function systemResolver(domain: string): Promise<readonly MxRecord[]> {
  return new Resolver({ timeout: 2_000, tries: 2 }).resolveMx(domain);
}

function nothing(evidence: string): Detection {
  return { provider: null, by: null, evidence };
}

/** In its ASCII form (RFC 5890), lower case. Bounds are those of RFC 5321 §4.5.3.1. */
function domainOf(address: string): string {
  const trimmed = address.trim();
  const at = trimmed.lastIndexOf("@");
  if (at < 0) throw new AddressError(address, "it has no @");
  const local = trimmed.slice(0, at);
  if (local === "") throw new AddressError(address, "nothing stands before the @");
  if (local.length > 64)
    throw new AddressError(address, "the part before the @ is longer than 64 characters");
  if (/[\s@\p{Cc}]/u.test(local))
    throw new AddressError(address, "the part before the @ has characters that cannot stand there");
  const written = trimmed.slice(at + 1).replace(/\.$/, "");
  if (written === "") throw new AddressError(address, "nothing stands after the @");
  const domain = /[\s/?#:@\\%[\]]/.test(written) ? "" : domainToASCII(written);
  const labels = domain.split(".");
  const wellFormed = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  if (labels.length < 2 || domain.length > 253 || !wellFormed || /^\d+$/.test(labels.at(-1) ?? "")) {
    throw new AddressError(address, `${JSON.stringify(written.slice(0, 80))} is not a domain name`);
  }
  return domain;
}
