import type { Tx } from "@weft/platform/db";
import type { JsonObject } from "../../core/model/json.js";
import type { RunEvent, StepError } from "../../core/model/run.js";
import { asJsonObject, storableJson, storableText } from "../../core/model/values.js";

/**
 * What an attempt has used. `countUsage` adds what the step type has recorded while it worked, also in attempts that were lost: it is called in the
 * transaction that records the report, and returns what no report has counted yet.
 */
type Measured = { readonly usage?: StepUsage; readonly countUsage?: (tx: Tx) => Promise<StepUsage> };

/** The end of an attempt. */
export type StepEnd = Measured &
  (
    | { readonly kind: "succeeded"; readonly outputs: JsonObject }
    /**
     * `isParked`: somebody can remove the cause, so the step waits for the resolution of an incident instead, unless its author has said what happens
     * without it. Work that undoes a step gets an incident in any case.
     */
    | { readonly kind: "failed"; readonly error: StepError; readonly isParked?: true }
    | { readonly kind: "stopped" }
  );

/**
 * What is reported of an attempt. `waits`: no worker is needed. At the time `until` the step is looked at again: steps of most types have then
 * succeeded. With null, it waits for something else, which reports its end with `settleWaiting`. `isOver`: checked in the transaction that records the
 * wait, under the lock of the run, so that what happens in between is not missed.
 */
export type StepReport =
  | StepEnd
  | (Measured & {
      readonly kind: "waits";
      readonly until: string | null;
      readonly isOver?: (tx: Tx) => Promise<boolean>;
    });

/** What a worker reports. `released`: it gives the step back, because it ends, and whether the work was done is unknown. */
export type WorkerReport = StepReport | (Measured & { readonly kind: "released" });

/** What an attempt of a step has used, as far as its type measures it. */
export type StepUsage = {
  readonly processorMs?: number;
  /** Most memory that was used at one time. */
  readonly memoryBytes?: number;
  /** Number of requests to other systems. */
  readonly calls?: number;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  /** Millionths of a US dollar. */
  readonly costMicros?: number;
  /** Bytes that a program has sent over its network, and received. */
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
};

/** An attempt of a step, or of the work that undoes it. */
export type StepAttempt = { readonly step: string; readonly attempt: number; readonly isCompensation: boolean };

/** Returns the report as it can be stored. Outputs that cannot be are a failure that another attempt would repeat. */
export function storableReport<Report extends WorkerReport>(report: Report): Report | StepReport {
  const { usage } = report;
  const used = usage ? { usage } : {};
  if (report.kind === "failed") {
    const { code, message, isFinal } = report.error;
    return { ...report, ...stepFailure(code, message, isFinal) };
  }
  if (report.kind === "waits" && report.until !== null && Number.isNaN(Date.parse(report.until)))
    return { ...stepFailure("OUTPUT_INVALID", "The step waits for a time that cannot be read.", true), ...used };
  if (report.kind !== "succeeded") return report;
  const outputs = asJsonObject(storableJson(report.outputs));
  if (outputs) return { ...report, outputs };
  return { ...stepFailure("OUTPUT_INVALID", "The outputs are not JSON, or are nested too deep to be stored.", true), ...used };
}

/** Returns the event of a report, with what can be stored of it. Null: a compensation that waits stays as it is. */
export function eventOfReport({ step, attempt, isCompensation }: StepAttempt, reported: WorkerReport): RunEvent | null {
  const report = storableReport(reported);
  if (report.kind === "released") return { kind: "released", step, attempt, isCompensation };
  if (!isCompensation) {
    if (report.kind === "succeeded") return { kind: "succeeded", step, attempt, outputs: report.outputs };
    if (report.kind === "failed") return { kind: report.isParked ? "parked" : "failed", step, attempt, error: report.error };
    return { kind: report.kind, step, attempt };
  }
  if (report.kind === "waits") return null;
  if (report.kind === "failed") return { kind: "compensationFailed", step, attempt, error: report.error };
  return { kind: "compensated", step, attempt };
}

/** Returns a report of a failure. `isFinal`: another attempt would fail as well. */
export const stepFailure = (code: string, message: string, isFinal: boolean): Extract<StepReport, { kind: "failed" }> => ({
  kind: "failed",
  error: { code: storableText(code, 100), message: storableText(message, 2000), isFinal },
});
