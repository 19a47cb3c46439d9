import type { automation } from "@weft/drizzle";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { RunStepError, type RunStep } from "./run.type.js";
import { RunUsage, usageOfStep } from "./usage/usage.type.js";

export type RunAttemptRow = typeof automation.runAttempts.$inferSelect;

export enum RunAttemptStatus {
  RUNNING = "RUNNING",
  WAITING = "WAITING",
  SUCCEEDED = "SUCCEEDED",
  FAILED = "FAILED",
  LOST = "LOST",
  CANCELLED = "CANCELLED",
}
registerEnumType(RunAttemptStatus, {
  name: "RunAttemptStatus",
  description: "Statuses of an attempt of a step.",
  valuesConfig: {
    RUNNING: { description: "A worker is doing it." },
    WAITING: { description: "It waits. No worker is occupied." },
    SUCCEEDED: { description: "It has succeeded." },
    FAILED: { description: "It has failed." },
    LOST: { description: "Its worker was lost, so it is unknown how far it came." },
    CANCELLED: { description: "The run stopped before it had ended." },
  },
});

const runAttemptColumns = columns({
  number: column.int("Number of the attempt, from 1."),
  status: column.of(() => RunAttemptStatus, "Status."),
  isCompensation: column.flag("Whether it undoes the step."),
  error: column.of(() => RunStepError, "Why it has failed. Null if it has not.", { nullable: true }),
  usage: column.of(() => RunUsage, "What it has used."),
  startedAt: column.time("Time when it began.", { nullable: true }),
  finishedAt: column.time("Time when it ended. Null while it has not.", { nullable: true }),
});

@ShowColumns(runAttemptColumns)
@ObjectType({ description: "One attempt of a step." })
@Allow(allOf(staff, can("workflow.read")))
export class RunAttempt extends shapeOf(runAttemptColumns) {}

/** Returns the attempts of a step: those that another one follows, and the last one, which is the row of the step. */
export function attemptsOf({ row, status, error, usage }: RunStep, past: readonly RunAttemptRow[]): RunAttempt[] {
  const earlier = past.map((one): RunAttempt => {
    const failure = one.error as RunStepError | null;
    return {
      number: one.attempt,
      status: one.status as RunAttemptStatus,
      isCompensation: one.isCompensation,
      error: failure && { code: failure.code, message: failure.message },
      usage: usageOfStep(one.usage),
      startedAt: one.startedAt,
      finishedAt: one.finishedAt,
    };
  });
  const isPast = past.some(({ attempt, isCompensation }) => !isCompensation && attempt === row.attempt);
  // A step that waits for its next attempt, or for a decision, has none.
  if (row.attempt === 0 || isPast || (row.isParked && row.compensation === null) || !(status in RunAttemptStatus))
    return earlier.sort(byNumber);
  const last: RunAttempt = {
    number: row.attempt,
    status: status as unknown as RunAttemptStatus,
    isCompensation: false,
    error: status in { FAILED: 0 } ? error : null,
    usage,
    startedAt: row.compensation === null ? (row.attemptStartedAt ?? row.startedAt) : row.startedAt,
    finishedAt: row.finishedAt,
  };
  return [...earlier, last].sort(byNumber);
}

const byNumber = (one: RunAttempt, other: RunAttempt): number =>
  Number(one.isCompensation) - Number(other.isCompensation) || one.number - other.number;
