import type { Outcome } from "../model/outcome.js";

/** What happens by itself when its time has come. */
export type EffectKind = "TIMER" | "TASK_OVERDUE" | "SLA_WARNING" | "SLA_BREACH" | "ESCALATION";

/** What an action of a level of an escalation did. */
export type EffectAction = {
  readonly kind: "REASSIGN" | "PRIORITY" | "RAISE" | "NOTIFY" | "START" | "FIRE";
  /** Rule of the task that it changes. */
  readonly task: string | null;
  /** Former priority or value. */
  readonly from: string | null;
  /** New priority or value, fired transition, or key of the definition that would be started. */
  readonly to: string | null;
  /** Keys of the roles that are notified, or that get the task. */
  readonly roles: readonly string[];
  /** Why it was not possible. */
  readonly reason: string | null;
};

export type Effect = {
  readonly kind: EffectKind;
  readonly at: string;
  /** Name of the timer or the escalation, rule of the task, or key of the SLA. */
  readonly name: string;
  /** Rule of the task that it concerns. */
  readonly task: string | null;
  /** Number of the level of an escalation, from 1. */
  readonly level: number | null;
  readonly outcome: "DONE" | "SKIPPED" | "FAILED";
  readonly reason: string | null;
  /** What it changes in the instance, in order. */
  readonly outcomes: readonly Outcome[];
  readonly actions: readonly EffectAction[];
};

const plain = { task: null, level: null, outcome: "DONE", reason: null, outcomes: [], actions: [] } as const;

export const effect = (kind: EffectKind, at: string, name: string, facts: Partial<Effect> = {}): Effect => ({
  ...plain,
  kind,
  at,
  name,
  ...facts,
});
