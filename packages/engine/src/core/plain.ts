/** Which moves concern one instance and nothing else: the others need more reading, or more writing, than the move itself. */
import type { Machine } from "./machine.js";
import type { Outcome } from "./types.js";

/** Whether a transition out of this state is decided by the instance, its open tasks and the request alone: neither votes nor children have a say. */
export function isPlainState(machine: Machine, state: string): boolean {
  const found = machine.states.get(state);
  return found !== undefined && found.decide === null && found.join === null && found.children.length === 0;
}

/** Whether the outcomes are one transition by a person that starts, ends or routes nothing else. */
export function isPlainMove([first, ...others]: readonly [Outcome, ...Outcome[]]): boolean {
  return (
    others.length === 0 &&
    first.kind === "transition" &&
    !first.isAutomatic &&
    first.incident === null &&
    first.startChildren.length === 0 &&
    (first.references ?? []).length === 0 &&
    !first.cancelsChildren &&
    first.openTasks.every(({ route, isFromData }) => route === null && !isFromData)
  );
}
