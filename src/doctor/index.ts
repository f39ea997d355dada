// The doctor for a program that has no data directory: `postrider/doctor`.
export type { CauseId } from "../causes/book.ts";
export type { Remedy, Scope } from "../causes/verdict.ts";
export { diagnose } from "./diagnose.ts";
export type { Diagnosis, DoctorOptions, ShownFinding } from "./diagnosis.ts";
export type { ProbeName, Status } from "./finding.ts";
export { type Proof, settingOfInput, settingToExamine } from "./setting.ts";
export { type Setting, type TestOptions, type TestResult, type TestStep, testSetting } from "./test.ts";
