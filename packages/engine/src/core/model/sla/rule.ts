/** Service-level agreements of a definition. */
import type { Period } from "../calendar.js";
import type { ConditionRule } from "../condition.js";
import type { Recipient } from "../timer.js";

/** What a clock measures: the instance, a state while the instance is in it, or a task while it is open. */
export type SlaScope =
  | { readonly kind: "instance" }
  | { readonly kind: "state"; readonly state: string }
  | { readonly kind: "task"; readonly rule: string };

export type SlaRule = {
  readonly name: string;
  readonly title: string;
  readonly scope: SlaScope;
  /** The first whose condition holds applies. */
  readonly targets: readonly SlaTarget[];
  /** Name of a calendar of the configuration; null: the default calendar of the team or the organization. */
  readonly calendar: string | null;
  /** Null: with the instance. Only of an instance's SLA, as `stop` and `reset`. */
  readonly start: SlaTrigger | null;
  readonly pause: SlaTrigger | null;
  /** Null: with the instance. */
  readonly stop: SlaTrigger | null;
  readonly reset: SlaTrigger | null;
  readonly warn: readonly SlaWarning[];
  readonly notify: SlaNotify;
};

/** Whom a warning and a breach notify. */
export type SlaNotify = { readonly warning: readonly Recipient[]; readonly breach: readonly Recipient[] };

export type SlaTarget = { readonly when: ConditionRule | null; readonly target: Period };

/** Holds while the instance is in one of the states, while the condition holds, or (pauses) while a question about a task waits for its answer. */
export type SlaTrigger = {
  readonly states: readonly string[];
  readonly when: ConditionRule | null;
  readonly waitingForInformation: boolean;
};

/** A share of the target in percent, or the time before it. */
export type SlaWarning = { readonly percent: number } | { readonly before: Period };
