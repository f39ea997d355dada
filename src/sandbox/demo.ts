// The credentials that a replica accepts when it is given none: of the shape that the provider's own have.
import type { Provider } from "../providers/provider.ts";

export interface DemoCredentials {
  readonly username: string;
  /** Password, app password, code or key; null where only tokens are accepted. */
  readonly secret: string | null;
  /** OAuth2 access token; null where none is accepted. */
  readonly accessToken: string | null;
  /** An address that the account may send from. */
  readonly from: string;
}

/** Of each shape that a secret of the catalogue has, one that nobody would take for a real one. */
const secrets = [
  "demo-secret",
  "abcdefghijklmnop",
  "abcd-efgh-ijkl-mnop",
  "SG.demo-secret",
  "re_demo_secret",
  "xsmtpsib-demo-secret",
];

const usernames = ["demo", "demo@smtp-brevo.com", "MS_demo01@example.com", "AKIADEMODEMODEMODEMO"];

/** @throws TypeError when the catalogue demands a shape that no candidate has. */
export function demoCredentials(provider: Provider): DemoCredentials {
  const domain = provider.domains[0] ?? "example.com";
  const { kinds, pattern } = provider.secret;
  const passwordLike = kinds.some((kind) => kind !== "oauth2" && kind !== "none");
  const secret = passwordLike ? fitting(secrets, pattern, `secret of ${provider.id}`) : null;
  const username = demoUsername(provider, domain, secret ?? "");
  return {
    username,
    secret,
    accessToken: kinds.includes("oauth2") ? "demo-access-token" : null,
    // With a service that checks identities the user name is no address to send from, even when it looks like one.
    from:
      username.includes("@") && provider.sender.rule !== "verified-identity" ? username : `demo@${domain}`,
  };
}

function demoUsername(provider: Provider, domain: string, secret: string): string {
  const { kind, value, pattern } = provider.username;
  if (value !== undefined) return value;
  if (kind === "api-key") return secret;
  const candidates = kind === "address" ? [`demo@${domain}`, ...usernames] : usernames;
  return fitting(candidates, pattern, `user name of ${provider.id}`);
}

function fitting(candidates: readonly string[], pattern: string | undefined, what: string): string {
  const shape = pattern === undefined ? null : new RegExp(pattern, "u");
  const found = candidates.find((candidate) => shape === null || shape.test(candidate));
  if (found === undefined)
    throw new TypeError(`no demonstration value has the shape of the ${what}: ${pattern}`);
  return found;
}
