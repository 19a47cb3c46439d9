import { checkJson } from "@weft/engine";
import { failure } from "../performers/performer.js";
import type { StepMiddleware } from "./middleware.js";

/** Ends attempts whose time is over, and refuses results that cannot be stored: outputs that are no JSON or are too large. */
export const stepLimits: StepMiddleware = {
  error: ({ context: { signal, timeoutMs } }) => {
    const isOver = signal.aborted && signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    return isOver ? failure("TIMEOUT", `The attempt did not end within ${timeoutMs / 1000} seconds.`, false) : undefined;
  },
  after: (_attempt, { report }) => {
    if (report.kind !== "succeeded") return undefined;
    const [problem] = checkJson(report.outputs, "outputs");
    // They would be the same in another attempt.
    return problem && failure("OUTPUT_INVALID", `${problem.path}: ${problem.message}`, true);
  },
};
