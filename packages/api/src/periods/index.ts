export { PeriodFilter } from "./period.input.js";
export { assertTimeZone, MAX_DAYS, type Period, periodBefore, periodOf, timeOf } from "./period.js";
export { selectIntervals } from "./period.store.js";
export { timeZoneOf } from "./time-zone.js";
