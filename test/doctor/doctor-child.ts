// The doctor on one machine of the stage.
import { flushCompileCache } from "node:module";
import type { AccountInput } from "../../src/accounts/settings.ts";
import { diagnose } from "../../src/doctor/diagnose.ts";
import type { Diagnosis, DoctorOptions } from "../../src/doctor/diagnosis.ts";
import { type Proof, settingToExamine } from "../../src/doctor/setting.ts";
import { answerAll } from "./child.ts";

export interface Question {
  readonly input: Omit<AccountInput, "name">;
  readonly proof: Proof;
  readonly options: Pick<DoctorOptions, "to" | "language" | "controls" | "patient">;
}

// The other machines run the same sources.
flushCompileCache();

answerAll<Question>(async ({ input, proof, options }): Promise<Diagnosis> => {
  return diagnose(settingToExamine(input, proof), options);
});
