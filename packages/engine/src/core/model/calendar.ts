/** Calendars and periods: what counting working time needs. */
import type { Duration } from "./scenarios/duration.js";

/** Name of the calendar that exists without being set, in which every moment is working time. */
export const ALWAYS = "always";

/** A calendar as the configuration contains it. */
export type WorkCalendar = {
  /** IANA name, `Europe/Berlin`. */
  readonly timeZone: string;
  /** monday … sunday; `from` and `to` as `09:00`, excluding the end. `24:00` is the end of the day. */
  readonly workingHours: Readonly<Record<string, readonly { readonly from: string; readonly to: string }[]>>;
  readonly holidays: readonly { readonly date: string }[];
};

/** Working hours of a day, in milliseconds of local time since its midnight, excluding the end. */
export type DaySpan = { readonly from: number; readonly to: number };

/** A calendar with further ones by name, as the effective configuration contains them. */
export type CalendarConfiguration = WorkCalendar & { readonly calendars: Readonly<Record<string, WorkCalendar>> };

/** A compiled calendar. Immutable, apart from its cache. */
export type Calendar = {
  readonly timeZone: string;
  /** The spans of each weekday, Monday first: in order, without overlaps. */
  readonly weekdays: readonly (readonly DaySpan[])[];
  /** Days since 1970-01-01. */
  readonly holidays: ReadonlySet<number>;
  /** Working time by UTC year, computed when it is first needed. */
  readonly years: Map<number, WorkingYear>;
};

/** The working time of a UTC year: intervals in milliseconds since the epoch, in order and separate. */
export type WorkingYear = {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Working milliseconds of the year before each interval. */
  readonly before: Float64Array;
  /** Working milliseconds of the whole year. */
  readonly total: number;
};

/** The calendars that apply to an instance. */
export type Calendars = {
  /** That of its team or tenant. */
  readonly standard: Calendar;
  /** By name. `always` is added to those of the configuration. */
  readonly named: ReadonlyMap<string, Calendar>;
  /** The name of the calendar of the definition, by which conditions count. Absent or null: the standard one. */
  readonly chosen?: string | null;
};

export type WorkingUnit = "minutes" | "hours" | "days";

export type WorkingPeriod = { readonly kind: "working"; readonly unit: WorkingUnit; readonly amount: number };

/** `P2D` follows the clock and the calendar of the time zone; `2 working days` counts working time. */
export type Period = { readonly kind: "calendar"; readonly duration: Duration } | WorkingPeriod;
