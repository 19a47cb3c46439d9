import { spansOfDay, WEEKDAYS } from "../calendar/compile.js";
import { DAY_MS, toLocal } from "../calendar/zone.js";
import type { Calendar } from "../model/calendar.js";
import type { LocalTime } from "./rule.js";

/** Returns the local time at a moment (ISO 8601 with zone), including daylight saving time. */
export function localTime(now: string, calendar: Calendar): LocalTime {
  const local = toLocal(calendar.timeZone, Date.parse(now));
  const day = Math.floor(local / DAY_MS);
  const sinceMidnight = local - day * DAY_MS;
  const shown = new Date(local).toISOString();
  return {
    date: shown.slice(0, 10),
    time: shown.slice(11, 16),
    weekday: WEEKDAYS[(new Date(local).getUTCDay() + 6) % 7] ?? "",
    isWorking: spansOfDay(calendar, day).some(({ from, to }) => from <= sinceMidnight && sinceMidnight < to),
  };
}
