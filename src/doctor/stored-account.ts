// From a stored account to a setting that can be examined, also where its secret does not become credentials.
import type { Account } from "../accounts/account.ts";
import type { CredentialSource } from "../accounts/credentials.ts";
import { SignInFailure } from "../accounts/signin.ts";
import { VaultError } from "../accounts/vault.ts";
import type { CauseId } from "../causes/book.ts";
import { cause as entryOf } from "../causes/book.ts";
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
    if (error instanceof SignInFailure)
      return without(account, failing(error.verdict.cause, error.message, ms));
    if (error instanceof VaultError)
      return without(account, failing("config.secret-unreadable", error.message, ms));
    throw error;
  }
  return { setting: settingOfAccount(account, credentials, proxy?.password), findings: [] };
}

function without(account: Account, finding: Finding): Opened {
  return { setting: { ...settingOfAccount(account, null), from: null }, findings: [finding] };
}

function failing(cause: CauseId, message: string, ms: number): Finding {
  const { layer, title } = entryOf(cause);
  const probe = layer === "auth" ? "sign-in" : "settings";
  return { probe, layer, status: "fail", ms, cause, detail: { en: message, zh: `${title.zh}` } };
}

function tokenAwaited(): SignInFailure {
  const message = `No access token came from the provider within ${tokenWithin / 1_000} s.`;
  return new SignInFailure(
    judgeLocal({ cause: "auth.oauth-unreachable", stage: "auth", code: "TIMEOUT", message }),
  );
}
