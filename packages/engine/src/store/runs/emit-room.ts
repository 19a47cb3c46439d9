/** How many events the steps of one transaction can emit. */
import type { Work } from "../../core/model/automation.js";
import type { StepError } from "../../core/model/run.js";

/** What is left of the tenant's limit. */
export type EmitAllowance = {
  /** Number of events. */
  readonly left: number;
  /** When steps beyond it are looked at again. ISO 8601. */
  readonly until: string;
  /** Why they wait. */
  readonly reason: string;
};

export type EmitRoom = {
  /** Why the work cannot be done now, and until when. Null: it can. */
  readonly refusal: (work: Pick<Work, "type">) => { readonly until: string; readonly error: StepError } | null;
  /** Counts an event. */
  readonly take: (work: Pick<Work, "type">) => void;
  /** Number of events so far. */
  readonly count: () => number;
};

/** @param allowance absent: no limit */
export function emitRoom(allowance: EmitAllowance | undefined): EmitRoom {
  let count = 0;
  return {
    refusal: ({ type }) =>
      type !== "emit" || allowance === undefined || count < allowance.left
        ? null
        : { until: allowance.until, error: { code: "RATE_LIMITED", message: allowance.reason, isFinal: false } },
    take: ({ type }) => {
      if (type === "emit") count++;
    },
    count: () => count,
  };
}
