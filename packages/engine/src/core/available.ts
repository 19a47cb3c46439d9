import type { Actor } from "./actor.js";
import { isOfJoin } from "./children.js";
import { contextOfForm, formOf } from "./forms/asked.js";
import { deliverForm, type DeliveredForm } from "./forms/deliver.js";
import type { InputSchema, Machine } from "./machine.js";
import type { Reason } from "./rejection.js";
import type { Snapshot } from "./snapshot.js";
import { reasonsAgainst } from "./verdict.js";

/** One transition of the present state, as `fire` would see it for this actor now. */
export type AvailableTransition = {
  readonly name: string;
  readonly title: string;
  readonly to: string;
  readonly toTitle: string;
  readonly allowed: boolean;
  /** Empty exactly when `allowed`. */
  readonly reasons: readonly Reason[];
  readonly requiresComment: boolean;
  /** JSON Schema of the input, as written in the definition; null when the transition takes none. */
  readonly inputSchema: InputSchema | null;
  /** Makes the form that is to be filled in; null when there is none. */
  readonly form: (() => DeliveredForm) | null;
};

/**
 * The transitions of the present state that people fire, in the order of the definition, each with whether `fire` would accept it from this actor now
 * (given input and comment as it requires them) and if not, every reason. Empty when the instance is not running. With `taskId`: as the completion of that task.
 */
export function available(machine: Machine, snapshot: Snapshot, actor: Actor, now: string, taskId?: string): AvailableTransition[] {
  const state = machine.states.get(snapshot.state);
  if (!state || snapshot.status !== "RUNNING") return [];
  return [...state.transitions.values()]
    .filter(({ name, isAutomatic }) => !isAutomatic && !isOfJoin(state, name) && state.decide?.otherwise !== name)
    .map((transition) => {
      const reasons = reasonsAgainst(machine, snapshot, transition, { actor, now, taskId });
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
