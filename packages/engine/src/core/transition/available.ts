import type { Actor } from "../model/actor.js";
import { isOfJoin } from "../children/children.js";
import { contextOfForm, formOf } from "../forms/asked.js";
import { deliverForm, type DeliveredForm } from "../forms/deliver.js";
import { formOfInput } from "../forms/schema-form.js";
import type { InputSchema, Machine, Transition } from "../model/machine.js";
import type { Reason } from "../model/rejection.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";
import { outcomeReasons, outcomesOf } from "./step-outcomes.js";
import { isOfStep } from "../tasks/step-rule.js";
import { denialReasons, type Asked } from "./guards.js";

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
  const task = snapshot.openTasks.find(({ id }) => id === taskId);
  if (task && isOfStep(task)) return availableOutcomes(snapshot, task, { actor, now, taskId });
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
        form: form
          ? () => deliverForm(form, contextOfForm(machine, snapshot, { actor, now, transition: transition.name }))
          : inputForm(transition),
      };
    });
}

/** The form of an input that has only a schema. Null if nothing can be filled in. */
function inputForm({ name, title, input }: Pick<Transition, "name" | "title" | "input">): AvailableTransition["form"] {
  return input === null || input.root.properties.size === 0 ? null : () => formOfInput(input, { name, title });
}

/** The outcomes of a task that a step of a run has opened. The instance stays in its state. */
const availableOutcomes = (snapshot: Snapshot, task: SnapshotTask, asked: Asked): AvailableTransition[] =>
  outcomesOf(task).map((outcome) => {
    const reasons = outcomeReasons(snapshot, task, outcome, asked);
    const { name, title, to, requiresComment, input } = outcome;
    return {
      name,
      title,
      to,
      toTitle: to,
      allowed: reasons.length === 0,
      reasons,
      requiresComment,
      inputSchema: input?.source ?? null,
      form: inputForm(outcome),
    };
  });
