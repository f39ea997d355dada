// From a stored account to a setting that can be examined, also where its secret does not become credentials.
import type { Account } from "../accounts/account.ts";
import type { CredentialSource } from "../accounts/credentials.ts";
import { SignInFailure } from "../accounts/signin.ts";
import { VaultError } from "../accounts/vault.ts";
import { judgeLocal } from "../causes/judge.ts";
import type { Credentials, ProxySetting } from "../smtp/options.ts";
import { within } from "./end.ts";
import type { Finding } from "./finding.ts";
import { settingOfAccount } from "./setting.ts";
import type { Setting } from "./test.ts";

/** What a token endpoint may take of a run in which a person waits. Milliseconds. */
const tokenWithin = 6_000;

export interface Opened {
  readonly setting: Setting;
  /** Why the account cannot sign in, where that is known before any dialogue. */
  readonly findings: readonly Finding[];
}

/**
 * Without credentials, the way to the server can still be walked, up to where they would be asked for: the setting
 * then has no sender either, as no server would take one.
 * @throws AccountError when the account is gone, StoreError.
 */
export async function openAccount(
  account: Account,
  source: Pick<CredentialSource, "credentials" | "proxy">,
): Promise<Opened> {
  const began = performance.now();
  let proxy: ProxySetting | null = null;
  let credentials: Credentials | null = null;
  try {
    proxy = source.proxy(account);
    const opened = await within(
      source.credentials(account).then((got) => ({ got })),
      tokenWithin,
    );
    if (opened === null) throw tokenAwaited();
    credentials = opened.got;
  } catch (error) {
    const ms = Math.round(performance.now() - began);
    if (error instanceof SignInFailure) return without(account, noToken(error, ms));
    if (error instanceof VaultError) return without(account, sealed(error, ms));
    throw error;
  }
  return { setting: settingOfAccount(account, credentials, proxy?.password), findings: [] };
}

function without(account: Account, finding: Finding): Opened {
  return { setting: { ...settingOfAccount(account, null), from: null }, findings: [finding] };
}

function noToken({ verdict: { cause, code }, message }: SignInFailure, ms: number): Finding {
  const zh = `没有获得访问令牌${code === null ? "" : `（${code}）`}`;
  return { probe: "sign-in", layer: "auth", status: "fail", ms, cause, detail: { en: message, zh } };
}

function sealed({ message }: VaultError, ms: number): Finding {
  const detail = { en: message, zh: "无法解开账号中保存的密码" };
  return {
    probe: "settings",
    layer: "config",
    status: "fail",
    ms,
    cause: "config.secret-unreadable",
    detail,
  };
}

function tokenAwaited(): SignInFailure {
  const message = `No access token came from the provider within ${tokenWithin / 1_000} s.`;
  return new SignInFailure(
    judgeLocal({ cause: "auth.oauth-unreachable", stage: "auth", code: "TIMEOUT", message }),
  );
}
