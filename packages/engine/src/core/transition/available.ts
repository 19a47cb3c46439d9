import type { Actor } from "../model/actor.js";
import { isOfJoin } from "../children/children.js";
import { contextOfForm, formOf } from "../forms/asked.js";
import { deliverForm, type DeliveredForm } from "../forms/deliver.js";
import type { InputSchema, Machine } from "../model/machine.js";
import type { Reason } from "../model/rejection.js";
import type { Snapshot } from "../model/snapshot.js";
import { denialReasons } from "./guards.js";

/** One transition of the current state, as `fire` would evaluate it for this actor now. */
export type AvailableTransition = {
  readonly name: string;
  readonly title: string;
  readonly to: string;
  readonly toTitle: string;
  readonly allowed: boolean;
  /** Empty only if `allowed`. */
  readonly reasons: readonly Reason[];
  readonly requiresComment: boolean;
  /** JSON Schema of the input, as written in the definition; null if the transition takes none. */
  readonly inputSchema: InputSchema | null;
  /** Creates the form to fill in; null if there is none. */
  readonly form: (() => DeliveredForm) | null;
};

/**
 * Returns the transitions of the current state that users fire, in the order of the definition: whether `fire` would accept each from this actor now
 * (given valid input and comment), and if not, every reason. Empty if the instance is not running. With `taskId`: as the completion of that task.
 */
export function available(machine: Machine, snapshot: Snapshot, actor: Actor, now: string, taskId?: string): AvailableTransition[] {
  const state = machine.states.get(snapshot.state);
  if (!state || snapshot.status !== "RUNNING") return [];
  return [...state.transitions.values()]
    .filter(({ name, isAutomatic }) => !isAutomatic && !isOfJoin(state, name) && state.decide?.otherwise !== name)
    .map((transition) => {
      const reasons = denialReasons(machine, snapshot, transition, { actor, now, taskId });
      const form = formOf(machine, snapshot, transition, taskId);
      return {
        name: transition.name,
        title: transition.title,
        to: transition.to,
        toTitle: machine.states.get(transition.to)?.title ?? transition.to,
        allowed: reasons.length === 0,
        reasons,
        requiresComment: transition.requiresComment,
        inputSchema: form?.schema.source ?? transition.input?.source ?? null,
        form: form && (() => deliverForm(form, contextOfForm(machine, snapshot, { actor, now, transition: transition.name }))),
      };
    });
}
