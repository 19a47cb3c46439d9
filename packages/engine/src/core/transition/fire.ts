/**
 * Transitions: decides whether a transition can fire, and what changes when it does.
 * `fire`, `available` and `explain` ask the same guards, so they always agree.
 * This module never reads a clock or the database, and never fires what follows automatically: `automatic` does.
 */
import type { Actor } from "../model/actor.js";
import { isOfJoin } from "../children/children.js";
import { readComment } from "./read-comment.js";
import { draftOf, finish } from "../outcome/finish.js";
import { contextOfForm, formOf } from "../forms/asked.js";
import { readFormInput, type ReadInput } from "../forms/input.js";
import type { JsonObject } from "../model/json.js";
import type { Machine, Transition } from "../model/machine.js";
import { closesWithState, closeTasks, runActions } from "../outcome/run-actions.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import { doneByAfter, stepName, withoutFormerAssignees, type Acting } from "../authorization/people.js";
import { badInput, rejected } from "../model/rejection.js";
import type { FireRequest } from "../model/requests.js";
import { asJsonObject, isObject } from "../model/values.js";
import { validateData } from "../schema/validate.js";
import type { Snapshot } from "../model/snapshot.js";
import { findTransition, denialReasons } from "./guards.js";
import { decidedBy, decides, voteOf } from "../votes/votes.js";

/**
 * Fires a transition: returns what to write, or why it is rejected. Pure: equal arguments give equal results, and nothing is changed. Checks first
 * who can fire and the condition (TRANSITION_REJECTED, every reason), then comment, input and the resulting data (BAD_USER_INPUT, every problem).
 */
export function fire(machine: Machine, snapshot: Snapshot, request: FireRequest): FireResult {
  const found = findTransition(machine, snapshot, request.transition);
  if ("rule" in found) return rejected([found]);
  const reasons = denialReasons(machine, snapshot, found, request);
  if (reasons.length > 0) return rejected(reasons);

  const comment = readComment(request.comment);
  const { input, problems, references = [] } = readInput(machine, snapshot, found, request);
  if (found.requiresComment && comment.text === null && !comment.problem)
    comment.problem = { path: "comment", message: `The transition "${found.name}" requires a comment.` };
  if (comment.problem || problems.length > 0) return badInput([...(comment.problem ? [comment.problem] : []), ...problems]);

  const asked = { ...request, input, comment: comment.text };
  const { taskId } = request;
  const isVote = taskId !== undefined && decidedBy(machine, snapshot.state, found.name) && !decides(machine, snapshot, found);
  const done = isVote ? vote(machine, snapshot, found, { ...asked, taskId }) : applyTransition(machine, snapshot, found, asked);
  return done.ok && references.length > 0 ? { ok: true, outcome: { ...done.outcome, references } } : done;
}

export type TransitionRequest = {
  readonly actor: Actor;
  readonly now: string;
  readonly input: JsonObject | null;
  readonly comment: string | null;
  /** Initial data, instead of the data that was read. */
  readonly data?: JsonObject;
  readonly taskId?: string | undefined;
};

/** Completes one of several tasks without leaving the state: its input becomes data, no action runs. BAD_USER_INPUT as for `applyTransition`. */
function vote(
  machine: Machine,
  snapshot: Snapshot,
  transition: Transition,
  request: TransitionRequest & { readonly taskId: string },
): FireResult {
  const state = machine.states.get(snapshot.state);
  if (!state) throw new Error(`the machine ${machine.key} lacks the state ${snapshot.state}`);
  const draft = draftOf(machine, snapshot, { ...request, state: state.name });
  draft.data = mergeInput(machine, snapshot.data, request.input);
  closeTasks(draft, ({ id }) => id === request.taskId, request.taskId);
  const done = finish(machine, draft, { kind: "vote", before: snapshot, from: state.name, to: state, transition: transition.name });
  if (!done.ok) return done;
  const by = voteOf(snapshot, transition.name, request);
  return { ok: true, outcome: { ...done.outcome, taskId: request.taskId, vote: by, ...stepDone(machine, snapshot, transition, request) } };
}

/** Leaves the state by a transition that has been decided: data, actions, tasks. BAD_USER_INPUT if the resulting data does not match its schema. */
export function applyTransition(machine: Machine, snapshot: Snapshot, transition: Transition, request: TransitionRequest): FireResult {
  const from = machine.states.get(snapshot.state);
  const to = machine.states.get(transition.to);
  if (!from || !to) throw new Error(`the machine ${machine.key} lacks a state of its own transition ${transition.name}`);
  const draft = draftOf(machine, snapshot, { ...request, state: to.name });
  draft.data = mergeInput(machine, request.data ?? snapshot.data, request.input);
  runActions(draft, from.onExit);
  runActions(draft, transition.actions);
  closeTasks(draft, (task) => task.id === request.taskId || to.final !== null || closesWithState(machine, task), request.taskId);
  runActions(draft, to.onEntry);
  const done = finish(machine, draft, { kind: "transition", before: snapshot, from: from.name, to, transition: transition.name });
  if (!done.ok) return done;
  const step = stepDone(machine, snapshot, transition, request);
  // A transition into the same state does not leave it, so an assignee cannot clear their own record with it.
  const doneBy = from === to ? step.doneBy : (withoutFormerAssignees(step.doneBy ?? snapshot.doneBy) ?? step.doneBy);
  return { ok: true, outcome: { ...done.outcome, taskId: request.taskId ?? null, ...(doneBy && { doneBy }) } };
}

/** Records who did it if a `notSameAs` references the step. Automatic transitions are nobody's step. */
function stepDone(machine: Machine, snapshot: Snapshot, { name, isAutomatic }: Transition, acting: Acting): Pick<Outcome, "doneBy"> {
  const state = machine.states.get(snapshot.state);
  if (isAutomatic || acting.actor.isSystem || state?.decide?.otherwise === name || isOfJoin(state, name)) return {};
  const doneBy = doneByAfter(machine, snapshot, stepName(snapshot.state, name), acting);
  return doneBy ? { doneBy } : {};
}

function readInput(machine: Machine, snapshot: Snapshot, transition: Transition, { input, taskId, actor, now }: FireRequest): ReadInput {
  const { name, input: schema } = transition;
  const form = formOf(machine, snapshot, transition, taskId);
  if (form) return readFormInput(form, contextOfForm(machine, snapshot, { actor, now, transition: name }), input);
  if (schema) {
    const value = input ?? {};
    return { input: asJsonObject(value), problems: validateData(schema, value, "input") };
  }
  const isNothing = input === undefined || input === null || (isObject(input) && Object.keys(input).length === 0);
  return { input: null, problems: isNothing ? [] : [{ path: "input", message: `The transition "${name}" takes no input.` }] };
}

/** Input that the data schema declares becomes data under the same name. The rest stays in the history, unless an action writes it. */
function mergeInput(machine: Machine, data: JsonObject, input: JsonObject | null): JsonObject {
  const declared = Object.entries(input ?? {}).filter(([name]) => machine.data.root.properties.has(name));
  return declared.length === 0 ? data : { ...data, ...Object.fromEntries(declared) };
}
