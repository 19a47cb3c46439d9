import type { JsonObject } from "./json.js";

/** STATE and TASK: timers of definitions. The others are set by service levels and escalations. */
export type TimerKind = "STATE" | "TASK" | "SLA_WARNING" | "SLA_BREACH" | "ESCALATION";

/** Who is reminded. `lead`: the leads of the instance's team. */
export const RECIPIENTS = ["assignee", "candidates", "owner", "lead"] as const;
export type Recipient = (typeof RECIPIENTS)[number];

/** Whom the action `notify` notifies: people of the instance as they are afterwards, and roles, users and teams. */
export type NoticeRecipients = {
  readonly recipients: readonly Recipient[];
  readonly roles: readonly string[];
  /** IDs. */
  readonly users: readonly string[];
  readonly teams: readonly string[];
};

/** A timer to set. `reason`: it cannot be set, and is only recorded as skipped. */
export type TimerToSet = {
  readonly kind: TimerKind;
  readonly name: string;
  /** The state in which it counts. */
  readonly state: string;
  readonly dueAt: string;
  /** What whoever fires it needs to know. */
  readonly payload: JsonObject;
  /** ID of the task; absent for those of the instance, and for those of a task that is opened with it. */
  readonly taskId?: string | undefined;
  readonly reason?: string | undefined;
};

/** Clears the set timers that match every member; null matches all. */
export type TimerToClear = { readonly kind: TimerKind | null; readonly name: string | null; readonly taskId: string | null };
