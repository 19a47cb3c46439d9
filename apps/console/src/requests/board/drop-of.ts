import type { WorkflowState } from "../../parts/workflow-states";
import type { RequestRow } from "../requests-operations";
import type { BoardInstance } from "./board-operations";

/** Whether a card can be dropped on a column, and why not. */
export interface Drop {
  readonly kind: "allowed" | "refused" | "same" | "unknown";
  readonly reasons: readonly string[];
}

interface Dragging {
  readonly dragged: Pick<RequestRow, "state">;
  readonly states: readonly WorkflowState[];
  /** The workflow of the card, with what it allows the user. Null until it is loaded. */
  readonly instance: BoardInstance | null;
  readonly to: string;
}

/** The definition says at once what is never possible. What it allows depends on the request and the user, whom the server is asked about. */
export function dropOf({ dragged, states, instance, to }: Dragging): Drop {
  if (dragged.state === to) return { kind: "same", reasons: [] };
  if (instance === null) {
    const canLead = states.find(({ name }) => name === dragged.state)?.next.includes(to) ?? true;
    return { kind: canLead ? "unknown" : "refused", reasons: [] };
  }
  const transitions = instance.availableTransitions.filter((transition) => transition.to === to);
  if (transitions.some(({ allowed }) => allowed)) return { kind: "allowed", reasons: [] };
  return { kind: "refused", reasons: transitions.flatMap(({ reasons }) => reasons) };
}
