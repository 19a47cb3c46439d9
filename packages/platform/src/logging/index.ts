export { outliveOutput } from "./closed-output.js";
export { createLogger, type Logger } from "./logger.js";
export { runMain } from "./run-main.js";
export { contained, endOnUnhandled, underRequest } from "./unhandled.js";
