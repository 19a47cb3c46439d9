import type { Actor } from "../actor.js";
import { contextOf, type Context } from "../conditions/context.js";
import type { Machine, Transition } from "../machine.js";
import type { Snapshot } from "../snapshot.js";
import type { Form } from "./form.js";

/** The form that a firing has to fill in: that of the task which it completes, else the transition's own. */
export function formOf(machine: Machine, { openTasks }: Snapshot, transition: Transition, taskId: string | undefined): Form | null {
  const task = openTasks.find(({ id }) => id === taskId);
  return (task && machine.tasks.get(task.rule)?.form) ?? transition.form;
}

type Filling = { readonly actor: Actor; readonly now: string; readonly transition: string | null };

/** What the conditions of a form read. `transition` null: whoever completes the task has not yet said with which. */
export function contextOfForm({ showId }: Machine, snapshot: Snapshot, { actor, now, transition }: Filling): Context {
  const context = contextOf(snapshot, { data: snapshot.data, actor, now, showId });
  return transition === null ? context : { ...context, transition };
}

/** Every form of a definition: those with a name, then those that stand where they are asked for, in the order of the states. */
export function formsIn(machine: Machine): readonly Form[] {
  const inPlace = [...machine.states.values()].flatMap(({ transitions }) => [...transitions.values()].flatMap(({ form }) => form ?? []));
  return [...new Set([...machine.forms.values(), ...inPlace, ...[...machine.tasks.values()].flatMap(({ form }) => form ?? [])])];
}
