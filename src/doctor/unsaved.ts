// A setting as a person types it, with its secret, which is kept nowhere.
import type { AccountInput } from "../accounts/settings.ts";
import { type Proof, settingOfInput, settingToExamine } from "./setting.ts";
import type { Setting } from "./test.ts";

export type UnsavedSetting = Omit<AccountInput, "name"> & {
  readonly password?: string;
  readonly accessToken?: string;
};

/** @throws AccountError for what cannot be, UnknownProvider. */
export function settingToTest(unsaved: UnsavedSetting): Setting {
  return settingOfInput(...parts(unsaved));
}

/** What cannot be stays as it was typed, for the doctor to tell. @throws as `settingToExamine` does. */
export function unsavedToExamine(unsaved: UnsavedSetting): Setting {
  return settingToExamine(...parts(unsaved));
}

function parts({ password, accessToken, ...fields }: UnsavedSetting): [Omit<AccountInput, "name">, Proof] {
  const proof = password !== undefined ? { password } : accessToken !== undefined ? { accessToken } : null;
  return [fields, proof];
}
