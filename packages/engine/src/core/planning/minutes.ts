/** Moments as whole minutes since the epoch, in which plans are computed. */
const MINUTE_MS = 60_000;

/** Drops the seconds. @throws if the text is not a date-time: the caller has validated it */
export function minuteOf(moment: string): number {
  const minute = Math.floor(Date.parse(moment) / MINUTE_MS);
  if (Number.isNaN(minute)) throw new RangeError(`"${moment}" is not a valid date-time. Use ISO 8601, for example 2026-03-01T09:30:00Z.`);
  return minute;
}

export const momentOf = (minute: number): string => new Date(minute * MINUTE_MS).toISOString();

export const minuteOfMs = (ms: number): number => Math.floor(ms / MINUTE_MS);
