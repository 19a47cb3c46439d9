/** Decides whether a transition can be fired. `fire`, `available` and `explain` all use these functions, so they always agree. */
import type { Actor } from "../model/actor.js";
import { isOfJoin } from "../children/children.js";
import { contextOf } from "../conditions/context.js";
import { evaluateCondition, type ConditionFailure } from "../conditions/evaluate.js";
import { pathsOf } from "../conditions/paths.js";
import { labelsOf } from "../forms/labels.js";
import type { Condition } from "../model/condition.js";
import { hiddenFromVendors } from "../model/hidden-data.js";
import type { Machine, Transition } from "../model/machine.js";
import { offerReasons } from "../authorization/offered.js";
import type { Acting } from "../authorization/people.js";
import { didYouMean, quote } from "../model/problems.js";
import type { Reason, RuleResult } from "../model/rejection.js";
import { claimReasons, evaluateAllow, type Evaluation } from "../authorization/rights.js";
import type { Snapshot } from "../model/snapshot.js";
import { incompleteWorkReasons } from "../tasks/incomplete-work.js";
import { isOfStep } from "../tasks/step-rule.js";
import { decidedBy, voteReasons } from "../votes/votes.js";
import { blockedReason, completes } from "./blocked.js";

export type Asked = { readonly actor: Actor; readonly now: string; readonly taskId?: string | undefined };

/** Returns the transition of that name in the current state, or why it is not available there. */
export function findTransition(machine: Machine, snapshot: Snapshot, name: string): Transition | Reason {
  if (snapshot.status !== "RUNNING") return statusReason(snapshot, machine);
  const state = machine.states.get(snapshot.state);
  if (!state) return { rule: "state", message: `The definition ${quote(machine.key)} has no state ${quote(snapshot.state)}.` };
  const transition = state.transitions.get(name);
  if (transition && isOfJoin(state, name)) return joinReason(transition);
  if (transition) return transition.isAutomatic ? automaticReason(transition) : transition;
  const elsewhere = [...machine.states.values()].some((other) => other.transitions.has(name));
  const open = [...state.transitions.keys()];
  if (!elsewhere) return { rule: "transition", message: `There is no transition ${quote(name)}.${didYouMean(name, open)}` };
  const available = open.length > 0 ? `Available transitions: ${open.join(", ")}.` : "This state has no transitions.";
  return { rule: "state", message: `${quote(name)} is not available in the state ${quote(state.title)}. ${available}` };
}

function joinReason({ title }: Transition): Reason {
  return { rule: "automatic", message: `${quote(title)} is fired by the join of the state's children. Users cannot fire it.` };
}

function automaticReason({ title, isTimed }: Transition): Reason {
  if (isTimed) return { rule: "automatic", message: `${quote(title)} is fired by a timer or the result of a call. Users cannot fire it.` };
  return { rule: "automatic", message: `${quote(title)} fires automatically as soon as its condition holds. Users cannot fire it.` };
}

/**
 * Returns why an instance that is not RUNNING cannot continue, including the reason given for a suspension.
 * @param machine for the title of its state; without one, its name is shown
 */
export function statusReason({ status, state, suspension }: Snapshot, machine?: Machine): Reason {
  if (status === "SUSPENDED") {
    const why = suspension ? `: ${quote(suspension)}` : "";
    return { rule: "status", message: `The instance is SUSPENDED${why}. It cannot continue until it is resumed.` };
  }
  if (status === "FAILED")
    return { rule: "status", message: "The instance is FAILED: it has an incident. It cannot continue until the incident is resolved." };
  const ended = status === "COMPLETED" || status === "CANCELLED";
  return {
    rule: "status",
    message: ended
      ? `The instance ended in the state ${quote(machine?.states.get(state)?.title ?? state)} (${status}).`
      : `The instance is ${status}, not RUNNING.`,
  };
}

/**
 * Returns every rule that forbids firing now; empty: allowed. Input and comment are not checked, because users who cannot fire must learn nothing
 * about them.
 */
export function denialReasons(machine: Machine, snapshot: Snapshot, transition: Transition, asked: Asked): readonly Reason[] {
  return evaluateGuards(machine, snapshot, transition, asked).reasons;
}

/**
 * Evaluates every rule of an open transition, and returns those that forbid firing it now. For users of a vendor whom `allow` does not permit, omits the
 * condition, which would show data that is not theirs.
 */
export function evaluateGuards(machine: Machine, snapshot: Snapshot, transition: Transition, { actor, now, taskId }: Asked): Evaluation {
  // A task that outlives its state, or belongs to a step, does not block the state, unless the firing names it.
  const tasks = snapshot.openTasks.filter(
    (task) => task.id === taskId || (!isOfStep(task) && machine.tasks.get(task.rule)?.lifetime !== "instance"),
  );
  // Users to whom a step offers a task are no candidates of the state.
  const ofStates = { ...snapshot, openTasks: snapshot.openTasks.filter((task) => !isOfStep(task)) };
  const allowed = evaluateAllow(transition.allow, ofStates, { actor, taskId, machine });
  const isWithheld = isOfVendor(actor) && allowed.reasons.length > 0;
  const evaluated = [
    allowed,
    evaluateVotes(voteReasons(machine, snapshot, transition, { actor, taskId })),
    evaluateClaims(claimReasons(transition, tasks, snapshot, actor, taskId)),
    evaluateWork(completionReasons(machine, snapshot, transition, { actor, taskId })),
    evaluateWork(incompleteWorkReasons(transition, tasks, snapshot, actor, taskId)),
    isWithheld ? nothing : evaluateWhen(machine, snapshot, transition, { actor, now }),
    evaluateBlockers(machine, snapshot, transition),
  ];
  return { ruleResults: evaluated.flatMap(({ ruleResults }) => ruleResults), reasons: evaluated.flatMap(({ reasons }) => reasons) };
}

/** Returns the rule result of a single reason. */
export const failed = (reason: Reason, at: string): RuleResult => ({ ...reason, at, holds: false, isAlternative: false });

/** Whether the condition of a transition holds. True without a condition. */
export function conditionHolds(machine: Machine, snapshot: Snapshot, transition: Transition, asked: Asked): boolean {
  return evaluateWhen(machine, snapshot, transition, asked).reasons.length === 0;
}

const nothing: Evaluation = { ruleResults: [], reasons: [] };

const isOfVendor = ({ principals }: Actor): boolean => principals.vendorId !== null;

function evaluateVotes(reasons: readonly Reason[]): Evaluation {
  return { ruleResults: reasons.map((reason) => failed(reason, "decide")), reasons };
}

function evaluateClaims(reasons: readonly Reason[]): Evaluation {
  const free = {
    rule: "claimed",
    message: "No task is claimed by another user.",
    at: "tasks",
    holds: true,
    isAlternative: false,
  } as const;
  return { ruleResults: reasons.length === 0 ? [free] : reasons.map((reason) => failed(reason, "tasks")), reasons };
}

/** Completing another user's task requires more than permission to fire the transition. If votes decide, their own rule applies instead. */
function completionReasons(machine: Machine, snapshot: Snapshot, { name }: Transition, { actor, taskId }: Acting): readonly Reason[] {
  const task = taskId === undefined ? undefined : snapshot.openTasks.find(({ id }) => id === taskId);
  return task && !decidedBy(machine, snapshot.state, name) ? offerReasons(task, actor) : [];
}

function evaluateWork(reasons: readonly Reason[]): Evaluation {
  return { ruleResults: reasons.map((reason) => failed(reason, "tasks")), reasons };
}

/** Not a rule of the definition, so there is a result only if it forbids. */
function evaluateBlockers(machine: Machine, { state, blockers = 0 }: Snapshot, transition: Transition): Evaluation {
  const reasons = blockers > 0 && completes(machine, state, transition) ? [blockedReason(blockers)] : [];
  return { ruleResults: reasons.map((reason) => failed(reason, "links")), reasons };
}

function evaluateWhen(machine: Machine, snapshot: Snapshot, { when }: Transition, { actor, now }: Asked): Evaluation {
  if (!when) return nothing;
  const { showId, calendars } = machine;
  const labels = labelsOf(machine, showId?.("user", actor.id) ?? actor.id);
  const result = evaluateCondition(when.tree, contextOf(snapshot, { data: snapshot.data, actor, now, showId, calendars }), labels);
  const isHidden = readsHidden(when.tree, snapshot, actor);
  if (result.holds) {
    const message = when.source === null || isHidden ? "The condition holds." : `The condition holds: ${quote(when.source)}.`;
    return { ruleResults: [{ rule: "when", at: "when", holds: true, isAlternative: false, message }], reasons: [] };
  }
  const failures: readonly ConditionFailure[] = isHidden ? [{ message: "The condition does not hold." }] : result.failures;
  const reasons = failures.map(({ message, path }): Reason => ({
    rule: "when",
    message: sentence(message),
    ...(path !== undefined && { path }),
  }));
  return { ruleResults: reasons.map((reason) => failed(reason, "when")), reasons };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/**
 * Whether the condition reads data that the actor does not see. All of its failures are then hidden: a message can contain the values of both sides,
 * and of several parts.
 */
function readsHidden(condition: Condition, { subjectType }: Snapshot, actor: Actor): boolean {
  const hidden = isOfVendor(actor) && subjectType ? hiddenFromVendors[subjectType] : undefined;
  return (
    hidden !== undefined && pathsOf(condition).some(([root, name]) => root === "data" && (name === undefined || hidden.includes(name)))
  );
}
