export { MissedRunPolicy } from "./missed-policy.type.js";
export { isRun, missedFrom, type MissedPolicy } from "./missed.js";
export { nextOccurrence, nextOccurrences, type Occurrence, type Plan } from "./occurrences.js";
export { columnsOf, isoOf, nextColumns, planOf } from "./plan-of.js";
export { assertPlanned, readSpan, readTiming } from "./read-timing.js";
export { spanOf } from "./span.js";
