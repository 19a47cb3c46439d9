import type { Actor } from "../model/actor.js";
import { contextOf, type Context } from "../conditions/context.js";
import type { Machine, Transition } from "../model/machine.js";
import type { Snapshot } from "../model/snapshot.js";
import type { Form } from "../model/form.js";

/** Returns the form that a firing must fill in: the form of the task that it completes, otherwise that of the transition. */
export function formOf(machine: Machine, { openTasks }: Snapshot, transition: Transition, taskId: string | undefined): Form | null {
  const task = openTasks.find(({ id }) => id === taskId);
  return (task && machine.tasks.get(task.rule)?.form) ?? transition.form;
}

type Filling = { readonly actor: Actor; readonly now: string; readonly transition: string | null };

/** The values that the conditions of a form read. `transition` null: the user who completes the task has not yet chosen a transition. */
export function contextOfForm({ showId, calendars }: Machine, snapshot: Snapshot, { actor, now, transition }: Filling): Context {
  const context = contextOf(snapshot, { data: snapshot.data, actor, now, showId, calendars });
  return transition === null ? context : { ...context, transition };
}

/** Returns every form of a definition: first those with a name, then those that are defined where they are used, in the order of the states. */
export function formsIn(machine: Machine): readonly Form[] {
  const inPlace = [...machine.states.values()].flatMap(({ transitions }) => [...transitions.values()].flatMap(({ form }) => form ?? []));
  return [...new Set([...machine.forms.values(), ...inPlace, ...[...machine.tasks.values()].flatMap(({ form }) => form ?? [])])];
}
