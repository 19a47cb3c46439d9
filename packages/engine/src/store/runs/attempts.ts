/** The attempts that another one follows, and what attempts have used. The last attempt of a step is the row of the step. */
import type { RunEvent, RunSnapshot, StepError } from "../../core/model/run.js";
import type { StepReport, StepUsage } from "./step-report.js";

/** An attempt that has ended without ending its step. */
export type PastAttempt = {
  readonly step: string;
  readonly isCompensation: boolean;
  readonly attempt: number;
  readonly status: "FAILED" | "LOST";
  readonly error: StepError | null;
};

/** Returns the attempt that the event has ended, if the step goes on. */
export function pastAttempt(event: RunEvent, { steps }: RunSnapshot): PastAttempt | null {
  if (event.kind !== "failed" && event.kind !== "lost" && event.kind !== "compensationFailed") return null;
  const { step: id, attempt } = event;
  const step = steps.get(id);
  const isCompensation = event.kind === "compensationFailed";
  const goesOn = isCompensation ? step?.compensation === "READY" : step?.ended === null;
  if (!goesOn) return null;
  const error = event.kind === "lost" ? null : event.error;
  return { step: id, isCompensation, attempt, status: event.kind === "lost" ? "LOST" : "FAILED", error };
}

/** What the current attempt of a step has used. */
export type UsedByStep = { readonly step: string; readonly usage: StepUsage };

export const usedBy = (step: string, { usage }: StepReport): UsedByStep | null => (usage ? { step, usage: sumUsage(usage, {}) } : null);

/** Whether the event begins an attempt. */
export const beginsAttempt = ({ kind }: RunEvent): boolean => kind === "begun" || kind === "compensationBegun";

const COUNTS = ["processorMs", "calls", "tokensIn", "tokensOut", "costMicros"] as const;

/** Adds up what was used one after the other. Amounts that are not whole numbers from 0 on are bugs of a step type, and count as nothing. */
export function sumUsage(one: StepUsage, other: StepUsage): StepUsage {
  const amount = (value: number | undefined): number => (value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : 0);
  const counts = Object.fromEntries(
    COUNTS.filter((name) => (one[name] ?? other[name]) !== undefined).map((name) => [name, amount(one[name]) + amount(other[name])]),
  );
  const memory = Math.max(amount(one.memoryBytes), amount(other.memoryBytes));
  return { ...counts, ...(memory > 0 && { memoryBytes: memory }) };
}
