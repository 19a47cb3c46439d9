import type { workflows } from "@weft/drizzle";
import type { InstanceHead } from "../model/instance-head.js";
import type { CandidateChange } from "../../core/model/candidate-change.js";
import type { TimerToClear, TimerToSet } from "../../core/model/timer.js";
import type { SecurityProfile } from "../../core/model/security-profile.js";
import type { IndexedValue } from "./indexed.js";

/** What `engine.apply` writes for one outcome. `outcomeOf` returns its argument. */
export type InstanceWrite = {
  readonly expectedVersion: number | null;
  readonly occurredAt: string;
  readonly instance: InstanceHead;
  readonly history: Record<string, unknown>;
  readonly closeTasks: readonly TaskClosing[];
  readonly openTasks: readonly TaskOpening[];
  /** Absent: none of them changes. */
  readonly timers?: TimerWrites;
  /** Absent: the state that was left has no steps. */
  readonly stopsRun?: true;
  /** UUID of the run of the steps of the state that is entered. Absent: it has none. */
  readonly runId?: string;
  /** Absent: a worker begins the run. */
  readonly begun?: BegunRun;
  readonly incident: { readonly id: string; readonly kind: string; readonly place: string; readonly message: string } | null;
  /** How the open incident is resolved. */
  readonly resolution: { readonly action: string; readonly comment: string | null } | null;
  /** Absent: none of them changed. */
  readonly fields?: readonly IndexedValue[];
  readonly words?: readonly string[];
  readonly events: readonly object[];
  readonly audit: readonly object[];
  /** The client's network address as the audit stores it: sealed. Part of the context, not of the outcome. */
  readonly sealedAddress: string | null;
  /** Open tasks that an assignment gives to others. `engine.apply` does not read them: `applyWrites` writes them. */
  readonly offers?: readonly CandidateChange[];
};

/** A run that begins with its start, whose first steps are taken: as the functions of the database take it. */
export type BegunRun = {
  /** ISO 8601. Leases end as long after the write as they do after this time. */
  readonly now: string;
  readonly version: number;
  /** Number of attempts that begin. */
  readonly attempts: number;
  readonly profile: SecurityProfile;
  readonly steps: readonly object[];
};

/** As `engine.write_rows` takes them. */
export type TimerWrites = {
  readonly clear: readonly TimerToClear[];
  readonly set: readonly (Omit<TimerToSet, "reason"> & { readonly id: string; readonly reason?: string | undefined })[];
};

export type TaskClosing = {
  readonly id: string;
  readonly version: number;
  readonly status: "COMPLETED" | "CLOSED";
  readonly transition: string | null;
};

export type TaskOpening = {
  readonly id: string;
  readonly state: string;
  readonly rule: string;
  readonly title: string;
  readonly candidateRoles: readonly string[];
  readonly candidateUserIds: readonly string[];
  readonly candidateTeamIds: readonly string[];
  readonly candidateVendorIds: readonly string[];
  readonly assigneeId: string | null;
  readonly dueAt: string | null;
  readonly copy: number;
  readonly vote: "ONCE" | "REPEAT" | null;
  /** 0 low … 3 urgent. */
  readonly priority: number;
  readonly checklist: readonly workflows.ChecklistItem[];
};
