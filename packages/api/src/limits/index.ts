export { type Counter, type Counters, countersIn, createCounters, perMinute, PUBLISHED_EVENTS } from "./counters.js";
export { openSharedTexts, type SharedTexts } from "./shared-texts.js";
export { type Charge, OwnWindows, type Taken, type Windows, type WindowUse } from "./windows.js";
