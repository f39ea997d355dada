// Access tokens: got with a refresh token (RFC 6749 §6), or by a person who signs in on any device (RFC 8628).
import * as oauth from "openid-client";
import { judgeLocal } from "../causes/judge.ts";
import type { Verdict } from "../causes/verdict.ts";
import type { OAuth2 } from "../providers/provider.ts";
import { isLoopback } from "../smtp/endpoint.ts";
import { SmtpFailure } from "../smtp/failure.ts";
import type { Secret } from "./account.ts";

export type OAuth2Secret = Extract<Secret, { kind: "oauth2" }>;

export interface AccessToken {
  readonly accessToken: string;
  /** Milliseconds from now; what the server said, or a short while when it said nothing. */
  readonly lifetimeMs: number;
  /** Set when the server gave a new refresh token, which replaces the one that was used. */
  readonly refreshToken: string | null;
}

/** A secret that did not become credentials. Comes with its verdict, as no server's reply is there to judge. Never holds a token. */
export class SignInFailure extends SmtpFailure {
  readonly verdict: Verdict;

  constructor(verdict: Verdict, options?: ErrorOptions) {
    super(
      verdict.message,
      {
        stage: verdict.stage,
        kind: "local",
        code: verdict.code,
        certainty: "not-accepted",
        reply: null,
        secured: false,
      },
      options,
    );
    this.name = "SignInFailure";
    this.verdict = verdict;
  }
}

/** Where the server gives no `expires_in` (RFC 6749 §5.1 only recommends it): short enough to be true anywhere. */
const unsaidLifetimeMs = 300_000;

/** Throws SignInFailure: the account's fault when the server says no, the endpoint's when it says nothing of use. */
export async function refresh(secret: OAuth2Secret, timeoutMs: number): Promise<AccessToken> {
  const configuration = configure(
    { token: secret.tokenEndpoint, device: null },
    secret.clientId,
    secret.clientSecret,
    timeoutMs,
  );
  const scope = secret.scopes.join(" ");
  try {
    const answer = await oauth.refreshTokenGrant(
      configuration,
      secret.refreshToken,
      scope === "" ? {} : { scope },
    );
    const { access_token, refresh_token, expires_in } = answer;
    return {
      accessToken: access_token,
      lifetimeMs: expires_in === undefined ? unsaidLifetimeMs : expires_in * 1000,
      refreshToken:
        refresh_token === undefined || refresh_token === secret.refreshToken ? null : refresh_token,
    };
  } catch (error) {
    throw failureOf(error, new URL(secret.tokenEndpoint).host);
  }
}

/** What the person is shown: open the address, enter the code. */
export interface DevicePrompt {
  readonly verificationUri: string;
  /** The address with the code in it, where the server gives one. */
  readonly verificationUriComplete: string | null;
  readonly userCode: string;
  /** How long the code is good for, in milliseconds. */
  readonly lifetimeMs: number;
}

export interface DeviceLogin {
  readonly oauth2: Pick<OAuth2, "token" | "device" | "scopes">;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly onPrompt: (prompt: DevicePrompt) => void;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Signs a person in and returns what the vault keeps. Throws SignInFailure, also when the person does not come in time. */
export async function deviceLogin(login: DeviceLogin): Promise<OAuth2Secret> {
  const { oauth2, clientId, clientSecret, onPrompt, signal } = login;
  const configuration = configure(oauth2, clientId, clientSecret, login.timeoutMs ?? 30_000);
  const scope = oauth2.scopes.join(" ");
  try {
    const device = await oauth.initiateDeviceAuthorization(configuration, { scope });
    onPrompt({
      verificationUri: device.verification_uri,
      verificationUriComplete: device.verification_uri_complete ?? null,
      userCode: device.user_code,
      lifetimeMs: device.expires_in * 1000,
    });
    const answer = await oauth.pollDeviceAuthorizationGrant(
      configuration,
      device,
      undefined,
      signal === undefined ? {} : { signal },
    );
    if (answer.refresh_token === undefined) {
      throw refused(
        "no_refresh_token",
        "it gave no refresh token, so the sign-in would not last",
        hostOf(oauth2.token),
      );
    }
    return {
      kind: "oauth2",
      clientId,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      refreshToken: answer.refresh_token,
      tokenEndpoint: oauth2.token,
      scopes: oauth2.scopes,
    };
  } catch (error) {
    throw error instanceof SignInFailure ? error : failureOf(error, hostOf(oauth2.token));
  }
}

const hostOf = (url: string) => new URL(url).host;

function configure(
  endpoints: Pick<OAuth2, "token" | "device">,
  clientId: string,
  clientSecret: string | undefined,
  timeoutMs: number,
): oauth.Configuration {
  const url = new URL(endpoints.token);
  const configuration = new oauth.Configuration(
    {
      issuer: url.origin,
      token_endpoint: endpoints.token,
      ...(endpoints.device === null ? {} : { device_authorization_endpoint: endpoints.device }),
    },
    clientId,
    undefined,
    clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret),
  );
  configuration.timeout = timeoutMs / 1000;
  if (url.protocol === "http:" && isLoopback(url.hostname.replace(/^\[|\]$/g, ""))) {
    oauth.allowInsecureRequests(configuration);
  }
  return configuration;
}

/** Answers of RFC 6749 §5.2 and RFC 8628 §3.5 that blame the server's moment and not what we sent. */
const passing: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error", "slow_down"]);

function failureOf(error: unknown, host: string): SignInFailure {
  if (
    error instanceof oauth.ResponseBodyError &&
    error.status < 500 &&
    error.status !== 429 &&
    !passing.has(error.error)
  ) {
    return refused(error.error, `it answered ${error.error}${described(error.error_description)}`, host);
  }
  const code = codeOf(error);
  const message = `No access token from ${host}: the token endpoint could not be reached or gave no usable answer (${code}).`;
  return new SignInFailure(judgeLocal({ cause: "auth.oauth-unreachable", stage: "auth", code, message }));
}

function refused(code: string, said: string, host: string): SignInFailure {
  const message = `No access token from ${host}: ${said}. Sign in again.`;
  return new SignInFailure(judgeLocal({ cause: "auth.oauth-token-refused", stage: "auth", code, message }));
}

/** Servers explain themselves here; cut, printable, and with anything long enough to be a token left out. */
function described(text: string | undefined): string {
  if (text === undefined) return "";
  const safe = text
    .replace(/[^\P{C}\n]/gu, "")
    .replace(/\s+/g, " ")
    .replace(/[\w.~+/=-]{40,}/g, "***")
    .slice(0, 300);
  return ` (${safe})`;
}

/** The innermost code, as that of the socket says more than that of the library around it. */
function codeOf(error: unknown): string {
  let code = "OAUTH_FAILED";
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ("code" in at && typeof at.code === "string") code = at.code;
  }
  return code;
}
