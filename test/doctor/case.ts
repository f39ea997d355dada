// A cause, and how a machine stages it.
import type { AccountInput } from "../../src/accounts/settings.ts";
import type { CauseId } from "../../src/causes/book.ts";
import type { DoctorOptions } from "../../src/doctor/diagnosis.ts";
import type { Proof } from "../../src/doctor/setting.ts";
import type { Authority } from "../../src/sandbox/certificates.ts";
import type { Mood } from "./peers/smtp.ts";
import type { Records, World } from "./world.ts";

/** What may be done with a service that runs. */
export interface Running {
  close(): Promise<void> | void;
}

/** Where a service is started: an address of its own in the network of the stage. */
export interface Place {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Signs what the doctor's machines trust. */
  readonly authority: Authority;
}

export type Service = (place: Place) => Promise<Running>;

/** A host on the network of the stage. */
export interface Site {
  readonly host: string;
  /** Default: the next free one. */
  readonly address?: string;
  /** By port. A port that is not named is closed and answers with RST. */
  readonly services: Readonly<Record<number, Service>>;
  /** Default: an address of each family that is named. Its records: an A record for the address, unless these are given. */
  readonly records?: Readonly<Record<string, Records>>;
}

export type Input = Omit<AccountInput, "name" | "ca">;

export interface Case {
  /** Null for a setting that is well. */
  readonly cause: CauseId | null;
  /** In words, for the table. */
  readonly staged: string;
  /** What it is in truth, where that cannot be seen from there: then it does not count as named right. */
  readonly truth?: CauseId;
  /** Default `failed` with a cause, `ok` without. */
  readonly verdict?: "ok" | "degraded" | "failed";
  readonly input: Input;
  /** Default: none. */
  readonly proof?: Proof;
  /** Sends a message there. */
  readonly to?: string;
  readonly options?: Pick<DoctorOptions, "controls" | "patient">;
  /** Default: a good machine. */
  readonly world?: World;
  /** How the replica of the provider treats this account, in the network that everybody sees. */
  readonly mood?: Mood;
  /** What exists for this case, in the name service of its world only. */
  readonly sites?: readonly Site[];
  /** Must stand in the evidence or a finding, in English. */
  readonly evidence?: RegExp;
  /** Must stand in the remedy. */
  readonly remedy?: RegExp;
}
