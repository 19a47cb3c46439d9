/** An ISO 8601 duration. Months and days follow the calendar. */
export type Duration = {
  readonly months: number;
  readonly days: number;
  readonly seconds: number;
};
