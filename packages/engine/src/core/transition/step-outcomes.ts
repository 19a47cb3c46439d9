/** Tasks that steps of runs open. Their rule is the step, and their outcomes take the place of transitions. */
import { claimReasons, evaluateAllow } from "../authorization/rights.js";
import { offerReasons } from "../authorization/offered.js";
import type { JsonObject } from "../model/json.js";
import type { Transition } from "../model/machine.js";
import { didYouMean, problemList, quote } from "../model/problems.js";
import { badInput, rejected, type Reason, type Rejection } from "../model/rejection.js";
import type { FireRequest } from "../model/requests.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";
import { asJsonObject, isObject } from "../model/values.js";
import { compileObjectSchema } from "../schema/compile.js";
import { validateData } from "../schema/validate.js";
import { readComment } from "./read-comment.js";
import { statusReason, type Asked } from "./guards.js";
import { incompleteWorkReasons } from "../tasks/incomplete-work.js";
import { isOfStep } from "../tasks/step-rule.js";

/** Returns the ways in which the task can be completed, as transitions that stay in the state. None if a state has opened it. */
export function outcomesOf(task: SnapshotTask): readonly Transition[] {
  const { step } = task;
  if (!step || !isOfStep(task)) return [];
  const schema = step.input && compileObjectSchema({ additionalProperties: false, ...step.input }, ["input"], problemList());
  return step.outcomes.map((name) => ({
    name,
    title: titleOf(name),
    to: task.state,
    isAutomatic: false,
    isTimed: false,
    allow: step.notOwner ? { ...NOBODY_ASKED, notSameAs: ["owner"] } : null,
    when: null,
    requiresComment: step.commentFor.includes(name),
    input: schema,
    form: null,
    actions: [],
  }));
}

const NOBODY_ASKED = { owner: false, assignee: false, candidate: false, roles: [], permissions: [], any: [], all: [] } as const;

const titleOf = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll(/[-_]/g, " ")}`;

/** Returns why the actor cannot complete the task with the outcome now. */
export function outcomeReasons(snapshot: Snapshot, task: SnapshotTask, outcome: Transition, { actor }: Asked): readonly Reason[] {
  const acting = { actor, taskId: task.id };
  return [
    ...(snapshot.status === "RUNNING" ? [] : [statusReason(snapshot)]),
    ...evaluateAllow(outcome.allow, snapshot, acting).reasons,
    ...claimReasons(outcome, [task], snapshot, actor, task.id),
    ...offerReasons(task, actor),
    ...incompleteWorkReasons(outcome, [task], snapshot, actor, task.id),
  ];
}

export type Completed =
  | { readonly ok: true; readonly comment: string | null; readonly input: JsonObject | null; readonly isFailure: boolean }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Decides whether the actor can complete the task of a step with an outcome, and returns what they said. TRANSITION_REJECTED with every reason, or
 * BAD_USER_INPUT (comment, input).
 */
export function completeOutcome(snapshot: Snapshot, task: SnapshotTask, request: FireRequest): Completed {
  const outcomes = outcomesOf(task);
  const outcome = outcomes.find(({ name }) => name === request.transition);
  if (!outcome) {
    const names = outcomes.map(({ name }) => name);
    const hint = didYouMean(request.transition, names);
    return rejected([
      { rule: "transition", message: `The task has no outcome ${quote(request.transition)}. Use one of ${names.join(", ")}.${hint}` },
    ]);
  }
  const reasons = outcomeReasons(snapshot, task, outcome, request);
  if (reasons.length > 0) return rejected(reasons);
  const comment = readComment(request.comment);
  if (outcome.requiresComment && comment.text === null && !comment.problem)
    comment.problem = { path: "comment", message: `The outcome ${quote(outcome.name)} requires a comment.` };
  const { input, problems } = readValues(outcome, request.input);
  const all = [...(comment.problem ? [comment.problem] : []), ...problems];
  if (all.length > 0) return badInput(all);
  return { ok: true, comment: comment.text, input, isFailure: task.step?.failOn.includes(outcome.name) ?? false };
}

function readValues({ name, input: schema }: Transition, given: unknown) {
  if (schema) return { input: asJsonObject(given ?? {}), problems: validateData(schema, given ?? {}, "input") };
  const isNothing = given === undefined || given === null || (isObject(given) && Object.keys(given).length === 0);
  return { input: null, problems: isNothing ? [] : [{ path: "input", message: `The outcome ${quote(name)} takes no input.` }] };
}
