import type { Machine, Transition } from "../machine.js";
import type { Snapshot } from "../types.js";
import type { Form } from "./form.js";

/** The form that a firing has to fill in: that of the task which it completes, else the transition's own. */
export function formOf(machine: Machine, { openTasks }: Snapshot, transition: Transition, taskId: string | undefined): Form | null {
  const task = openTasks.find(({ id }) => id === taskId);
  return (task && machine.tasks.get(task.rule)?.form) ?? transition.form;
}

/** Every form of a definition: those with a name, then those that stand where they are asked for, in the order of the states. */
export function formsIn(machine: Machine): readonly Form[] {
  const inPlace = [...machine.states.values()].flatMap(({ transitions }) => [...transitions.values()].flatMap(({ form }) => form ?? []));
  return [...new Set([...machine.forms.values(), ...inPlace, ...[...machine.tasks.values()].flatMap(({ form }) => form ?? [])])];
}
