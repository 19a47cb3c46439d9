/**
 * The working time of a calendar as one line of minutes, so that every question is a binary search. A *position* is a number of working minutes since the
 * origin of the line. Closing time and the next opening time have the same position: work that ends there ends at the former, work that begins there
 * begins at the latter.
 */
import { lastAtMost, workingYear } from "../calendar/working-year.js";
import { startOfYear } from "../calendar/zone.js";
import type { Calendar } from "../model/calendar.js";
import { minuteOfMs, momentOf } from "./minutes.js";
import { PlanError } from "./plan.js";

/** Longer than any project. Limits the memory and the time that a plan with a mistake can take. */
const MAX_YEARS = 100;

export class WorkingLine {
  readonly #calendar: Calendar;
  readonly #originYear: number;
  #firstYear: number;
  #lastYear: number;
  /** Minutes since the epoch between which the line is known, excluding the end. */
  #from = 0;
  #to = 0;
  /** Position at `#from`. */
  #first = 0;
  #starts = new Float64Array();
  #ends = new Float64Array();
  /** Position at each start. */
  #before = new Float64Array();

  /** @param minute near which most questions will be */
  constructor(calendar: Calendar, minute: number) {
    this.#calendar = calendar;
    this.#originYear = Number(momentOf(minute).slice(0, 4));
    this.#firstYear = this.#originYear;
    this.#lastYear = this.#originYear + 1;
    if (calendar.weekdays.every((spans) => spans.length === 0))
      throw new PlanError(
        "NO_WORKING_TIME",
        "A calendar of the plan has no working time. Give at least one day of the week working hours.",
      );
    this.#build();
  }

  /** Returns the position of a moment: the working minutes before it. */
  positionAt(minute: number): number {
    while (minute < this.#from) this.#grow(-1);
    while (minute >= this.#to) this.#grow(1);
    const index = lastAtMost(this.#starts, minute);
    return index < 0 ? this.#first : at(this.#before, index) + Math.min(minute, at(this.#ends, index)) - at(this.#starts, index);
  }

  /** Returns the moment at which work at a position begins: the last one that has the position. */
  startAt(position: number): number {
    for (;;) {
      const index = lastAtMost(this.#before, position);
      if (index < 0) this.#grow(-1);
      else {
        const minute = at(this.#starts, index) + position - at(this.#before, index);
        if (minute < at(this.#ends, index)) return minute;
        this.#grow(1);
      }
    }
  }

  /** Returns the moment at which work up to a position has ended: the first one that has the position. */
  finishAt(position: number): number {
    for (;;) {
      const found = lastAtMost(this.#before, position);
      const index = found >= 0 && at(this.#before, found) === position ? found - 1 : found;
      if (index < 0) this.#grow(-1);
      else {
        const minute = at(this.#starts, index) + position - at(this.#before, index);
        if (minute <= at(this.#ends, index)) return minute;
        this.#grow(1);
      }
    }
  }

  /** Returns the last position at which work begins at the moment or before it. */
  lastStartBy(minute: number): number {
    for (;;) {
      const position = this.positionAt(minute);
      const index = lastAtMost(this.#starts, minute);
      if (index >= 0) return minute < at(this.#ends, index) ? position : position - 1;
      this.#grow(-1);
    }
  }

  /** Doubles the known years, so that few growths suffice. */
  #grow(direction: 1 | -1): void {
    const years = this.#lastYear - this.#firstYear + 1;
    if (years >= MAX_YEARS)
      throw new PlanError(
        "TOO_LONG",
        `The plan spans more than ${MAX_YEARS} years. Check the durations, the lags and the dates of its tasks.`,
      );
    if (direction > 0) this.#lastYear += years;
    else this.#firstYear -= years;
    this.#build();
  }

  #build(): void {
    const starts: number[] = [];
    const ends: number[] = [];
    let beforeOrigin = 0;
    for (let year = this.#firstYear; year <= this.#lastYear; year++) {
      const table = workingYear(this.#calendar, year);
      if (year < this.#originYear) beforeOrigin += table.total;
      for (const [index, startMs] of table.starts.entries()) {
        const [start, end] = [minuteOfMs(startMs), minuteOfMs(at(table.ends, index))];
        // Work over the turn of the year is one interval.
        if (ends.at(-1) === start) ends[ends.length - 1] = end;
        else {
          starts.push(start);
          ends.push(end);
        }
      }
    }
    this.#from = minuteOfMs(startOfYear(this.#firstYear));
    this.#to = minuteOfMs(startOfYear(this.#lastYear + 1));
    this.#starts = Float64Array.from(starts);
    this.#ends = Float64Array.from(ends);
    this.#before = new Float64Array(starts.length);
    this.#first = 0 - minuteOfMs(beforeOrigin);
    let position = this.#first;
    for (let index = 0; index < starts.length; index++) {
      this.#before[index] = position;
      position += at(this.#ends, index) - at(this.#starts, index);
    }
  }
}

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** A lag counts on the line of the project. No lag leaves the moment as it is. */
export function addLag(line: WorkingLine, minute: number, lag: number): number {
  if (lag === 0) return minute;
  const position = line.positionAt(minute) + lag;
  return lag > 0 ? line.finishAt(position) : line.startAt(position);
}

/** Returns the last moment that, with the lag, is not after the given one. */
export function subtractLag(line: WorkingLine, minute: number, lag: number): number {
  if (lag === 0) return minute;
  return line.startAt((lag > 0 ? line.positionAt(minute) : line.lastStartBy(minute)) - lag);
}
