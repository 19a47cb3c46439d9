import { BadUserInput, type Problem, quote } from "@weft/shared/errors";

/** Returns whether a text is a day of the calendar, as `YYYY-MM-DD`. PostgreSQL has no year 0. */
export const isDay = (text: string): boolean =>
  /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

/** @throws BadUserInput at `path` if the text is not a day of the calendar */
export function assertDay(text: string, path: string): void {
  if (!isDay(text)) throw new BadUserInput([dayProblem(text, path)]);
}

/** The problem of a text that is not a day of the calendar. */
export const dayProblem = (text: string, path: string): Problem => ({
  path,
  message: `${quote(text)} is not a valid date. Use YYYY-MM-DD.`,
});
