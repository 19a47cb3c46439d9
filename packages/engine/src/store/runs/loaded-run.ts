import type { StateRun } from "../../core/model/automation.js";
import type { RunSnapshot } from "../../core/model/run.js";
import type { InstanceHead } from "../model/instance-head.js";
import type { InstanceRead } from "../model/snapshot.js";
import type { LockedRun, RunStepRow } from "./runs.store.js";

/** When a step is due, and what its attempt has used. */
export type StepTiming = Pick<RunStepRow, "attempt" | "compensationAttempt" | "dueAt" | "leaseToken" | "usage" | "attemptStartedAt">;

/** A run in memory, under its lock and that of its instance and the ancestors of the instance. */
export type LoadedRun = {
  readonly row: LockedRun;
  /** The instance as it was when the run was loaded. */
  readonly head: InstanceHead;
  readonly stateRun: StateRun;
  /** `advanceRun` keeps it, the rows, and the version of the run current, so that further events can follow in the transaction. */
  run: RunSnapshot;
  readonly rows: Map<string, StepTiming>;
  /** The instance, as long as nothing in the transaction can have changed it. */
  read: InstanceRead | null;
  /** Whether the instance is still in the visit of the state that started the run. */
  readonly isCurrent: boolean;
  /** Whether the tenant is active. */
  readonly isTenantActive: boolean;
  readonly now: string;
  /** The tenant's time, for changes of instances. */
  readonly instanceNow: string;
};
