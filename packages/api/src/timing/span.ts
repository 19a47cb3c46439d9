/** Spans of elapsed time in ISO 8601, such as PT15M. */

const SPAN = /^P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/** Returns the seconds of a span. Null if it is not valid. A day has 24 hours. */
export function secondsOf(text: string): number | null {
  const [, days, hours, minutes, seconds] = SPAN.exec(text) ?? [];
  if ((days ?? hours ?? minutes ?? seconds) === undefined) return null;
  return Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}

export const hasDays = (text: string): boolean => /\dD/.test(text);

/** Returns the span of a number of seconds, in hours, minutes and seconds. */
export function spanOf(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  const parts = [hours > 0 ? `${hours}H` : "", minutes > 0 ? `${minutes}M` : "", rest > 0 ? `${rest}S` : ""].join("");
  return `PT${parts === "" ? "0S" : parts}`;
}
