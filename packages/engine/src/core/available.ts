import { isOfJoin } from "./children.js";
import { contextOfForm, formOf } from "./forms/asked.js";
import { deliverForm } from "./forms/deliver.js";
import type { Machine } from "./machine.js";
import type { Actor, AvailableTransition, Snapshot } from "./types.js";
import { reasonsAgainst } from "./verdict.js";

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
        allowed: reasons.length === 0,
        reasons,
        requiresComment: transition.requiresComment,
        inputSchema: form?.schema.source ?? transition.input?.source ?? null,
        form: form && (() => deliverForm(form, contextOfForm(machine, snapshot, { actor, now, transition: transition.name }))),
      };
    });
}
