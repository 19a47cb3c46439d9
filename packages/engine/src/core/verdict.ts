/** Whether a transition may be fired. `fire`, `available` and `explain` all ask here, so they cannot disagree. */
import type { Actor } from "./actor.js";
import { isOfJoin } from "./children.js";
import { contextOf } from "./conditions/context.js";
import { evaluateCondition } from "./conditions/evaluate.js";
import type { Machine, Transition } from "./machine.js";
import { offerReasons } from "./offered.js";
import type { Acting } from "./people.js";
import { didYouMean, quote } from "./problems.js";
import type { Reason, RuleVerdict } from "./rejection.js";
import { claimReasons, judgeAllow, type Judged } from "./rights.js";
import type { Snapshot } from "./snapshot.js";
import { unfinishedReasons } from "./unfinished.js";
import { decidedBy, voteReasons } from "./votes.js";

export type Asked = { readonly actor: Actor; readonly now: string; readonly taskId?: string | undefined };

/** The transition of that name in the present state, or why it is not open there. */
export function findTransition(machine: Machine, snapshot: Snapshot, name: string): Transition | Reason {
  if (snapshot.status !== "RUNNING") return statusReason(snapshot);
  const state = machine.states.get(snapshot.state);
  if (!state) return { rule: "state", message: `The definition ${quote(machine.key)} has no state ${quote(snapshot.state)}.` };
  const transition = state.transitions.get(name);
  if (transition && isOfJoin(state, name)) return joinReason(transition);
  if (transition) return transition.isAutomatic ? automaticReason(transition) : transition;
  const elsewhere = [...machine.states.values()].some((other) => other.transitions.has(name));
  const open = [...state.transitions.keys()];
  if (!elsewhere) return { rule: "transition", message: `There is no transition ${quote(name)}.${didYouMean(name, open)}` };
  return { rule: "state", message: `${quote(name)} is not open in the state ${quote(state.name)}; there are: ${open.join(", ")}.` };
}

function joinReason({ name }: Transition): Reason {
  return { rule: "automatic", message: `${quote(name)} is fired by the join of the state's children; nobody fires it.` };
}

function automaticReason({ name }: Transition): Reason {
  return { rule: "automatic", message: `${quote(name)} fires by itself as soon as its condition holds; nobody fires it.` };
}

/** Why an instance that is not RUNNING cannot be moved, with the words of whoever holds it. */
export function statusReason({ status, state, suspension }: Snapshot): Reason {
  if (status === "SUSPENDED") {
    const why = suspension ? `: ${quote(suspension)}` : "";
    return { rule: "status", message: `The instance is SUSPENDED${why}. Nothing moves until it is resumed.` };
  }
  if (status === "FAILED")
    return { rule: "status", message: "The instance is FAILED: it has an incident. Nothing moves until somebody resolves it." };
  const ended = status === "COMPLETED" || status === "CANCELLED";
  return {
    rule: "status",
    message: ended ? `The instance ended in the state ${quote(state)} (${status}).` : `The instance is ${status}, not RUNNING.`,
  };
}

/** Every rule that forbids firing now; empty: allowed. Input and comment are not looked at: who may not fire learns nothing about them. */
export function reasonsAgainst(machine: Machine, snapshot: Snapshot, transition: Transition, asked: Asked): readonly Reason[] {
  return judge(machine, snapshot, transition, asked).reasons;
}

/** Every rule of an open transition with its verdict, and those that forbid firing it now. */
export function judge(machine: Machine, snapshot: Snapshot, transition: Transition, { actor, now, taskId }: Asked): Judged {
  // A task that outlives its state does not hold up the state, unless the firing names it.
  const tasks = snapshot.openTasks.filter((task) => task.id === taskId || machine.tasks.get(task.rule)?.lifetime !== "instance");
  const judged = [
    judgeAllow(transition.allow, snapshot, { actor, taskId }),
    judgeVotes(voteReasons(machine, snapshot, transition, { actor, taskId })),
    judgeClaims(claimReasons(transition, tasks, snapshot, actor, taskId)),
    judgeWork(completionReasons(machine, snapshot, transition, { actor, taskId })),
    judgeWork(unfinishedReasons(transition, tasks, snapshot, actor, taskId)),
    judgeCondition(machine, snapshot, transition, { actor, now }),
  ];
  return { verdicts: judged.flatMap(({ verdicts }) => verdicts), reasons: judged.flatMap(({ reasons }) => reasons) };
}

/** What one reason alone says no to. */
export const failed = (reason: Reason, at: string): RuleVerdict => ({ ...reason, at, holds: false, isAlternative: false });

/** Whether the condition of a transition holds; without one it does. */
export function conditionHolds(machine: Machine, snapshot: Snapshot, transition: Transition, asked: Asked): boolean {
  return judgeCondition(machine, snapshot, transition, asked).reasons.length === 0;
}

function judgeVotes(reasons: readonly Reason[]): Judged {
  return { verdicts: reasons.map((reason) => failed(reason, "decide")), reasons };
}

function judgeClaims(reasons: readonly Reason[]): Judged {
  const free = {
    rule: "claimed",
    message: "No task is claimed by somebody else.",
    at: "tasks",
    holds: true,
    isAlternative: false,
  } as const;
  return { verdicts: reasons.length === 0 ? [free] : reasons.map((reason) => failed(reason, "tasks")), reasons };
}

/** To be allowed the transition is not enough for completing a task of somebody else's. Where votes decide, their own rule says so. */
function completionReasons(machine: Machine, snapshot: Snapshot, { name }: Transition, { actor, taskId }: Acting): readonly Reason[] {
  const task = taskId === undefined ? undefined : snapshot.openTasks.find(({ id }) => id === taskId);
  return task && !decidedBy(machine, snapshot.state, name) ? offerReasons(task, actor) : [];
}

function judgeWork(reasons: readonly Reason[]): Judged {
  return { verdicts: reasons.map((reason) => failed(reason, "tasks")), reasons };
}

function judgeCondition({ showId }: Machine, snapshot: Snapshot, { when }: Transition, { actor, now }: Asked): Judged {
  if (!when) return { verdicts: [], reasons: [] };
  const verdict = evaluateCondition(when.tree, contextOf(snapshot, { data: snapshot.data, actor, now, showId }));
  if (verdict.holds) {
    const message = when.source === null ? "The condition holds." : `The condition holds: ${quote(when.source)}.`;
    return { verdicts: [{ rule: "when", at: "when", holds: true, isAlternative: false, message }], reasons: [] };
  }
  const reasons = verdict.failures.map(({ message, path }): Reason => ({ rule: "when", message, ...(path !== undefined && { path }) }));
  return { verdicts: reasons.map((reason) => failed(reason, "when")), reasons };
}
