/** Escalations of a definition: what happens if something takes too long. */
import type { Period } from "./calendar.js";
import type { ConditionRule, Operand } from "./condition.js";
import type { Json } from "./json.js";
import type { TaskPriority } from "./priority.js";
import type { NoticeRecipients } from "./timer.js";

/** What a chain counts from: entering a state, the opening of a task, or the warning or breach of an SLA clock (by its key in `Machine.slas`). */
export type EscalationAnchor =
  | { readonly kind: "state"; readonly state: string }
  | { readonly kind: "task"; readonly rule: string }
  | { readonly kind: "sla"; readonly rule: string; readonly at: "warning" | "breach" };

export type EscalationRule = {
  readonly name: string;
  readonly title: string;
  readonly on: EscalationAnchor;
  /** Name of the calendar by which the delays count; null: the standard one. SLA clocks count by their own. */
  readonly calendar: string | null;
  /** Checked when a level is due. */
  readonly when: ConditionRule | null;
  readonly levels: readonly EscalationLevel[];
};

/** What a level does, in the order of these members. */
export type EscalationLevel = {
  /** Null: at once. */
  readonly after: Period | null;
  readonly when: ConditionRule | null;
  readonly reassign: Reassignment | null;
  /** The lowest priority that open tasks have afterwards. */
  readonly priority: TaskPriority | null;
  readonly raise: FieldRaise | null;
  readonly notify: EscalationNotify | null;
  readonly start: { readonly definition: string; readonly data: readonly (readonly [string, Operand])[] } | null;
  readonly fire: string | null;
};

/** Who gets the open tasks. */
export type Reassignment =
  | { readonly kind: "lead" }
  | { readonly kind: "roles"; readonly roles: readonly string[] }
  | { readonly kind: "route"; readonly route: string };

/** A property of the data whose enumeration is in ascending order. */
export type FieldRaise = { readonly field: string; readonly order: readonly Json[]; readonly to: Json };

export type EscalationNotify = NoticeRecipients;
