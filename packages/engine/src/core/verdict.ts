/** Whether a transition may be fired. `fire` and `available` both ask here, so they cannot disagree. */
import { contextOf } from "./conditions/context.js";
import { evaluateCondition } from "./conditions/evaluate.js";
import type { Machine, Transition } from "./machine.js";
import { didYouMean, quote } from "./problems.js";
import { allowReasons, claimReasons } from "./rights.js";
import type { Actor, Reason, Snapshot } from "./types.js";

export type Asked = { readonly actor: Actor; readonly now: string; readonly taskId?: string | undefined };

/** The transition of that name in the present state, or why it is not open there. */
export function findTransition(machine: Machine, snapshot: Snapshot, name: string): Transition | Reason {
  if (snapshot.status !== "RUNNING") return statusReason(snapshot);
  const state = machine.states.get(snapshot.state);
  if (!state) return { rule: "state", message: `The definition ${quote(machine.key)} has no state ${quote(snapshot.state)}.` };
  const transition = state.transitions.get(name);
  if (transition) return transition;
  const elsewhere = [...machine.states.values()].some((other) => other.transitions.has(name));
  const open = [...state.transitions.keys()];
  if (!elsewhere) return { rule: "transition", message: `There is no transition ${quote(name)}.${didYouMean(name, open)}` };
  return { rule: "state", message: `${quote(name)} is not open in the state ${quote(state.name)}; there are: ${open.join(", ")}.` };
}

export function statusReason({ status, state }: Snapshot): Reason {
  const ended = status === "COMPLETED" || status === "CANCELLED";
  return {
    rule: "status",
    message: ended ? `The instance ended in the state ${quote(state)} (${status}).` : `The instance is ${status}, not RUNNING.`,
  };
}

/** Every rule that forbids firing now; empty: allowed. Input and comment are not looked at: who may not fire learns nothing about them. */
export function reasonsAgainst(machine: Machine, snapshot: Snapshot, transition: Transition, { actor, now, taskId }: Asked): Reason[] {
  // A task that outlives its state does not hold up the state, unless the firing names it.
  const tasks = snapshot.openTasks.filter((task) => task.id === taskId || machine.tasks.get(task.rule)?.lifetime !== "instance");
  return [
    ...allowReasons(transition.allow, snapshot, actor),
    ...claimReasons(transition, tasks, snapshot, actor, taskId),
    ...conditionReasons(machine, snapshot, transition, { actor, now }),
  ];
}

function conditionReasons({ showId }: Machine, snapshot: Snapshot, { when }: Transition, { actor, now }: Asked): Reason[] {
  if (!when) return [];
  const verdict = evaluateCondition(when.tree, contextOf(snapshot, { data: snapshot.data, actor, now, showId }));
  if (verdict.holds) return [];
  return verdict.failures.map(({ message, path }) => ({ rule: "when", message, ...(path !== undefined && { path }) }));
}
