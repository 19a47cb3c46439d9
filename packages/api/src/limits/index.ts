export { type Counter, type Counters, createCounters, perMinute, PUBLISHED_EVENTS } from "./counters.js";
export { openSharedTexts, type SharedTexts } from "./shared-texts.js";
export { type Charge, OwnWindows, type WindowUse } from "./windows.js";
