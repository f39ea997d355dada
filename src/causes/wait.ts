// How long a server asks us to stay away, read out of its words.

const units: readonly (readonly [RegExp, number])[] = [
  [/^s(?:ec(?:ond)?s?)?$/i, 1_000],
  [/^m(?:in(?:ute)?s?)?$/i, 60_000],
  [/^h(?:(?:ou)?rs?)?$/i, 3_600_000],
];

/** `300 seconds`, `5 min`, `1 hour`, after a word that makes it a wait and not, say, a limit per minute. */
const spoken =
  /(?:again|retry|retried|back|wait(?:ing)?|greylist(?:ed|ing)?|graylist(?:ed|ing)?|deferred|delayed|blocked|banned|locked)\b\D{0,40}?(\d{1,6}) ?-?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b/i;

/** `come back in 00:04:59`. */
const clock = /(?:again|retry|back|wait)\b\D{0,40}?(\d{1,2}):(\d{2}):(\d{2})\b/i;

/** `Retry-After: 120`, in seconds as in HTTP. */
const header = /retry[- ]after[: =]+(\d{1,6})(?![\d:])(?! ?(?:m|h))/i;

const chinese = /(\d{1,6}) ?(秒|分钟|小时)(?:之?后|以后)/;
const chineseUnits = { 秒: 1_000, 分钟: 60_000, 小时: 3_600_000 } as const;

/** Longer than a day is no wait but a mistake, or a lock that a person has to look at. */
const longest = 86_400_000;

/** Milliseconds, from 1 s to 24 h; null when the text names no time. */
export function waitMs(text: string): number | null {
  const ms = spokenWait(text) ?? clockWait(text) ?? headerWait(text) ?? chineseWait(text);
  return ms === null || ms < 1_000 ? null : Math.min(ms, longest);
}

function spokenWait(text: string): number | null {
  const [, count, unit = ""] = spoken.exec(text) ?? [];
  const ms = units.find(([pattern]) => pattern.test(unit))?.[1];
  return count === undefined || ms === undefined ? null : Number(count) * ms;
}

function clockWait(text: string): number | null {
  const [, hours, minutes, seconds] = clock.exec(text) ?? [];
  if (hours === undefined) return null;
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
}

function headerWait(text: string): number | null {
  const [, seconds] = header.exec(text) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}

function chineseWait(text: string): number | null {
  const [, count, unit] = chinese.exec(text) ?? [];
  return count === undefined ? null : Number(count) * chineseUnits[unit as keyof typeof chineseUnits];
}
