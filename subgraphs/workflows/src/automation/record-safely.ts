import { stepFailure, type WorkerReport } from "@weft/engine";
import { ServiceUnavailable } from "@weft/shared/errors";
import { isRetryable, isUnavailable } from "@weft/platform/db";
import { pause } from "@weft/platform/leadership";

/** Pauses between the attempts to record a result while the database is not available: two minutes in all. */
const PAUSES_MS = [100, 250, 500, 1_000, 2_000, 3_000, 5_000, ...Array.from({ length: 22 }, () => 5_000)];

export interface Recording {
  readonly record: (report: WorkerReport) => Promise<void>;
  readonly report: WorkerReport;
  /** Aborts when the process ends. */
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
  readonly pausesMs?: readonly number[];
}

/**
 * Records the result of a step, again and again while the database is not available: the work is done, and must not be done again because of that. A
 * result that cannot be recorded for another reason becomes a failure of the step.
 * @throws what the last attempt has thrown
 */
export async function recordSafely({ record, report, signal, onFailure, pausesMs = PAUSES_MS }: Recording): Promise<void> {
  let refused = 0;
  for (const pauseMs of pausesMs) {
    try {
      return await record(report);
    } catch (error) {
      onFailure(error);
      // The first time, the cause can have been another result that was recorded with it.
      if (!isTemporary(error) && ++refused > 1)
        return record(stepFailure("INTERNAL", "The result of the step could not be recorded.", true));
      if (signal.aborted) break;
      await pause(pauseMs, signal);
    }
  }
  await record(report);
}

const isTemporary = (error: unknown): boolean => error instanceof ServiceUnavailable || isUnavailable(error) || isRetryable(error);
