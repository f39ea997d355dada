// From an account to the options of its connections, with the secret opened at that moment and not before.
import type { Account } from "../accounts/account.ts";
import { AccountError } from "../accounts/accounts.ts";
import type { CredentialSource } from "../accounts/credentials.ts";
import { serverNameAt } from "../accounts/limits.ts";
import { SignInFailure } from "../accounts/signin.ts";
import { VaultError } from "../accounts/vault.ts";
import { judgeLocal } from "../causes/judge.ts";
import type { Endpoint } from "../smtp/endpoint.ts";
import type { ConnectOptions } from "../smtp/options.ts";

/** What the whole process has in common. */
export type CommonOptions = Pick<ConnectOptions, "clientName" | "timeouts" | "lookup">;

/** Throws SignInFailure, with the verdict, when the account has no usable secret. `endpoint` is one of the account's. */
export async function connectOptions(
  account: Account,
  endpoint: Endpoint,
  credentials: CredentialSource,
  common: CommonOptions,
): Promise<ConnectOptions> {
  try {
    const login = await credentials.credentials(account);
    const proxy = credentials.proxy(account);
    const serverName = serverNameAt(account, endpoint);
    return {
      ...common,
      endpoint,
      ...(login === null ? {} : { credentials: login }),
      ...(serverName === null ? {} : { serverName }),
      ...(account.ca.length === 0 ? {} : { ca: account.ca }),
      ...(proxy === null ? {} : { proxy }),
    };
  } catch (error) {
    if (!(error instanceof VaultError || error instanceof AccountError)) throw error;
    const verdict = judgeLocal({
      cause: "config.secret-unreadable",
      message: error.message,
      code: error.problem,
    });
    throw new SignInFailure(verdict, { cause: error });
  }
}
