// What the lists of cases are written with.
import type { CauseId } from "../../../src/causes/book.ts";
import { provider } from "../../../src/providers/lookup.ts";
import type { Effect } from "../../../src/sandbox/answer.ts";
import { demoCredentials } from "../../../src/sandbox/demo.ts";
import type { Security } from "../../../src/smtp/endpoint.ts";
import type { Case, Input, Service, Site } from "../case.ts";
import { type Mood, reply } from "../peers/smtp.ts";

export const password = "correct horse battery";

/** A setting at a server of one's own, with the site that it leads to. */
export function at(
  host: string,
  port: number,
  security: Security,
  services: Readonly<Record<number, Service>>,
  more: Partial<Input> = {},
): Pick<Case, "input" | "proof" | "sites"> {
  return { ...set(host, port, security, more), sites: [{ host, services }] };
}

/** A setting at a host that is there anyway, or nowhere. */
export function set(
  host: string,
  port: number,
  security: Security,
  more: Partial<Input> = {},
): Pick<Case, "input" | "proof"> {
  const username = `me@${host.split(".").slice(-2).join(".")}`;
  return { input: { host, port, security, username, from: username, ...more }, proof: { password } };
}

/** A setting that is right at this provider, with a replica's own credentials. */
export function good(id: string, security?: Security): Pick<Case, "input" | "proof"> {
  const known = provider(id);
  const { username, secret, accessToken, from } = demoCredentials(known);
  const endpoint = known.endpoints.find((one) => security === undefined || one.security === security)!;
  return {
    input: {
      provider: id,
      host: endpoint.host,
      port: endpoint.port,
      security: endpoint.security,
      username,
      from,
    },
    proof: secret === null ? { accessToken: accessToken ?? "" } : { password: secret },
  };
}

export interface Said {
  /** Of the provider whose replica says it. */
  readonly by: string;
  readonly at: Mood["at"];
  /** As in a transcript, `\n` between lines; or what it does instead. */
  readonly says: string | Effect;
  /** Default: right for the provider, or what tells this case from the others at it. */
  readonly username?: string;
  readonly password?: string;
  readonly from?: string;
  readonly to?: string;
  readonly evidence?: RegExp;
}

let count = 0;

/** A replica that says this to one account only. */
export function said(cause: CauseId, said: Said): Case & { readonly mood: Mood } {
  count += 1;
  const known = provider(said.by);
  const right = good(said.by);
  const fixed = known.username.kind !== "address";
  const domain = right.input.from?.split("@")[1];
  const user = said.username ?? (fixed ? right.input.username! : `case${count}@${domain}`);
  const secret =
    said.password ?? (fixed ? `${demoCredentials(known).secret}${count}` : demoCredentials(known).secret);
  const from = said.from ?? (fixed ? right.input.from! : user);
  const what = typeof said.says === "string" ? `"${said.says.replace(/\n\d{3}[ -]/g, " ")}"` : said.says.do;
  const stage = { auth: "signing in", mail: "MAIL FROM", rcpt: "RCPT TO", content: "the message" }[said.at];
  return {
    cause,
    staged: `replica of ${known.name}, which answers ${stage} with ${what}`,
    input: { ...right.input, username: user, from },
    proof: { password: secret ?? "" },
    ...(said.at === "content"
      ? { to: said.to ?? "friend@kestrel.example" }
      : said.to === undefined
        ? {}
        : { to: said.to }),
    ...(said.evidence === undefined ? {} : { evidence: said.evidence }),
    mood: {
      username: user,
      password: secret ?? "",
      at: said.at,
      effect: typeof said.says === "string" ? reply(said.says) : said.says,
    },
  };
}

/** A host of this name with these services. */
export const site = (host: string, services: Readonly<Record<number, Service>>): Site => ({ host, services });
