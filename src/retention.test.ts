import { describe, expect, test } from "vitest";
import { pruneRequest, retentionOf } from "./retention.ts";

const defaults = { contentDays: 7, transcriptDays: 30, messageDays: 90, idempotencyHours: 24 };

describe("how long what has ended is kept", () => {
  test("comes from the program, then the environment, then the defaults", () => {
    expect(retentionOf({}, {})).toEqual(defaults);
    const env = { POSTRIDER_RETENTION_CONTENT_DAYS: "0.5", POSTRIDER_RETENTION_IDEMPOTENCY_HOURS: "48" };
    expect(retentionOf({}, env)).toEqual({ ...defaults, contentDays: 0.5, idempotencyHours: 48 });
    expect(retentionOf({ contentDays: 0 }, env)).toMatchObject({ contentDays: 0, idempotencyHours: 48 });
    expect(retentionOf({}, { POSTRIDER_RETENTION_MESSAGE_DAYS: "" })).toEqual(defaults);
  });

  test.each([
    [
      "POSTRIDER_RETENTION_CONTENT_DAYS",
      "a week",
      /^POSTRIDER_RETENTION_CONTENT_DAYS is "a week"\. .* days from 0 to 36500/,
    ],
    ["POSTRIDER_RETENTION_MESSAGE_DAYS", "-1", /^POSTRIDER_RETENTION_MESSAGE_DAYS is "-1"/],
    ["POSTRIDER_RETENTION_TRANSCRIPT_DAYS", "Infinity", /^POSTRIDER_RETENTION_TRANSCRIPT_DAYS/],
    ["POSTRIDER_RETENTION_IDEMPOTENCY_HOURS", "0", /hours from 1 to 8760/],
  ])("%s=%s is refused by name", (variable, value, problem) => {
    expect(() => retentionOf({}, { [variable]: value })).toThrow(problem);
  });

  test.each([Number.NaN, -1, 40_000, "7"])("a program's %s days are refused", (contentDays) => {
    expect(() => retentionOf({ contentDays: contentDays as number }, {})).toThrow(
      /^retention\.contentDays is /,
    );
  });

  test("each kind is counted in its own unit", () => {
    const day = 86_400_000;
    expect(pruneRequest(defaults, 100 * day, 5)).toEqual({
      now: 100 * day,
      limit: 5,
      contentBefore: 93 * day,
      transcriptBefore: 70 * day,
      messageBefore: 10 * day,
      idempotencyBefore: 99 * day,
    });
  });
});
