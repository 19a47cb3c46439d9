import type { AvailableTransition } from "../transitions/transition.js";
import type { FormDescription } from "../forms/model/form.js";
import type { SlaClockFields } from "../sla/sla-time.js";

interface Named {
  readonly id: string;
  readonly name: string;
}

/** A task, with the fields that `useTask` selects. */
export interface Task {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly instructions: string | null;
  readonly status: "OPEN" | "CLAIMED" | "COMPLETED" | "CLOSED";
  readonly isSuspended: boolean;
  readonly state: string;
  readonly priority: string;
  readonly dueAt: string | null;
  readonly isOverdue: boolean;
  readonly createdAt: string;
  readonly claimedAt: string | null;
  readonly assignee: Named | null;
  readonly candidateRoles: readonly string[];
  readonly checklist: readonly { readonly key: string; readonly title: string; readonly isDone: boolean }[];
  readonly question: { readonly id: string; readonly text: string; readonly asked: Named | null } | null;
  readonly subject: { readonly __typename: string; readonly id: string } | null;
  /** The form of the task, whatever the transition. That of each transition is in `availableTransitions`. */
  readonly form: FormDescription | null;
  readonly availableTransitions: readonly AvailableTransition[];
  readonly slaStatus: SlaClockFields | null;
  /** Null if the user can work on the task but cannot read its workflow. */
  readonly instance: {
    readonly id: string;
    readonly version: number;
    readonly definitionKey: string;
    readonly state: string;
    readonly stateTitle: string;
    readonly status: string;
  } | null;
}
