// A setting as a person types it, with its secret, which is kept nowhere.
import type { AccountInput } from "../accounts/settings.ts";
import { type Proof, settingOfInput } from "./setting.ts";
import type { Setting } from "./test.ts";

export type UnsavedSetting = Omit<AccountInput, "name"> & {
  readonly password?: string;
  readonly accessToken?: string;
};

/** @throws AccountError for what cannot be, UnknownProvider. */
export function settingOfUnsaved({ password, accessToken, ...fields }: UnsavedSetting): Setting {
  const proof: Proof =
    password !== undefined ? { password } : accessToken !== undefined ? { accessToken } : null;
  return settingOfInput(fields, proof);
}
