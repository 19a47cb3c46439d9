export { type Counters, createCounters, perMinute, PUBLISHED_EVENTS } from "./counters.js";
