// How long what has ended is kept.
import { PostriderError } from "./error.ts";
import type { PruneRequest } from "./queue/store.ts";

/** Counted from the last change of a message none of whose recipients waits any more. Fractions are allowed. */
export interface Retention {
  /** The message itself, 0 to 36500 days. Default 7: long enough to look at what went wrong over a weekend. */
  readonly contentDays: number;
  /** The dialogues with servers, 0 to 36500 days; the attempts stay. Default 30. */
  readonly transcriptDays: number;
  /** Everything else there is of a message, 0 to 36500 days. Default 90. */
  readonly messageDays: number;
  /** For how long an idempotency key stands for its message, 1 to 8760 hours. Default 24. */
  readonly idempotencyHours: number;
}

interface Setting {
  readonly variable: string;
  readonly unit: string;
  readonly ms: number;
  readonly least: number;
  readonly most: number;
  readonly unsaid: number;
}

const hour = 3_600_000;
const days = { unit: "days", ms: 24 * hour, least: 0, most: 36_500 } as const;

export const retentionSettings: Readonly<Record<keyof Retention, Setting>> = {
  contentDays: { ...days, variable: "POSTRIDER_RETENTION_CONTENT_DAYS", unsaid: 7 },
  transcriptDays: { ...days, variable: "POSTRIDER_RETENTION_TRANSCRIPT_DAYS", unsaid: 30 },
  messageDays: { ...days, variable: "POSTRIDER_RETENTION_MESSAGE_DAYS", unsaid: 90 },
  idempotencyHours: {
    variable: "POSTRIDER_RETENTION_IDEMPOTENCY_HOURS",
    unit: "hours",
    ms: hour,
    least: 1,
    most: 8_760,
    unsaid: 24,
  },
};

/** What was given, else the environment's, else the defaults. @throws PostriderError for a number that cannot be, naming it. */
export function retentionOf(
  given: Partial<Retention>,
  env: Readonly<Record<string, string | undefined>>,
): Retention {
  const one = (name: keyof Retention): number => {
    const { variable, unit, least, most, unsaid } = retentionSettings[name];
    const fromEnv = env[variable] || undefined;
    const value = given[name] ?? (fromEnv === undefined ? unsaid : Number(fromEnv));
    if (typeof value === "number" && value >= least && value <= most) return value;
    const [where, what] =
      given[name] === undefined ? [variable, fromEnv] : [`retention.${name}`, given[name]];
    throw new PostriderError(
      "bad-setting",
      `${where} is ${JSON.stringify(what)}. Give a number of ${unit} from ${least} to ${most}.`,
    );
  };
  return {
    contentDays: one("contentDays"),
    transcriptDays: one("transcriptDays"),
    messageDays: one("messageDays"),
    idempotencyHours: one("idempotencyHours"),
  };
}

/** What is no longer kept at an instant. */
export function pruneRequest(retention: Retention, now: number, limit: number): PruneRequest {
  const before = (name: keyof Retention) => now - retention[name] * retentionSettings[name].ms;
  return {
    now,
    limit,
    contentBefore: before("contentDays"),
    transcriptBefore: before("transcriptDays"),
    messageBefore: before("messageDays"),
    idempotencyBefore: before("idempotencyHours"),
  };
}
