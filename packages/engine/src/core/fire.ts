import { readComment } from "./comment.js";
import { draftOf, finish } from "./finish.js";
import type { Machine, Transition } from "./machine.js";
import { closesWithState, closeTasks, runActions } from "./moves.js";
import { badInput, rejected } from "./outcome.js";
import { asJsonObject, isObject } from "./schema/json.js";
import { validateData } from "./schema/validate.js";
import type { Actor, FireRequest, FireResult, InputProblem, JsonObject, Snapshot } from "./types.js";
import { findTransition, reasonsAgainst } from "./verdict.js";

/**
 * Fires a transition: gives what is to be written, or why not. Pure: equal arguments, equal answers; nothing is changed. First who may fire
 * and the condition (TRANSITION_REJECTED, every reason), then comment, input and the data that results (BAD_USER_INPUT, every problem).
 */
export function fire(machine: Machine, snapshot: Snapshot, request: FireRequest): FireResult {
  const found = findTransition(machine, snapshot, request.transition);
  if ("rule" in found) return rejected([found]);
  const reasons = reasonsAgainst(machine, snapshot, found, request);
  if (reasons.length > 0) return rejected(reasons);

  const comment = readComment(request.comment);
  const { input, problems } = readInput(found, request.input);
  if (found.requiresComment && comment.text === null && !comment.problem)
    comment.problem = { path: "comment", message: `The transition "${found.name}" needs a comment.` };
  if (comment.problem || problems.length > 0) return badInput([...(comment.problem ? [comment.problem] : []), ...problems]);

  return move(machine, snapshot, found, { ...request, input, comment: comment.text });
}

export type MoveRequest = {
  readonly actor: Actor;
  readonly now: string;
  readonly input: JsonObject | null;
  readonly comment: string | null;
  readonly taskId?: string | undefined;
};

/** Leaves the state by a transition that has been decided upon: data, actions, tasks. BAD_USER_INPUT when the data that results does not fit its schema. */
export function move(machine: Machine, snapshot: Snapshot, transition: Transition, request: MoveRequest): FireResult {
  const from = machine.states.get(snapshot.state);
  const to = machine.states.get(transition.to);
  if (!from || !to) throw new Error(`the machine ${machine.key} lacks a state of its own transition ${transition.name}`);
  const draft = draftOf(machine, snapshot, { ...request, state: to.name });
  draft.data = mergeInput(machine, snapshot.data, request.input);
  runActions(draft, from.onExit);
  runActions(draft, transition.actions);
  closeTasks(draft, (task) => task.id === request.taskId || to.final !== null || closesWithState(machine, task), request.taskId);
  runActions(draft, to.onEntry);
  return finish(machine, draft, { kind: "transition", before: snapshot, from: from.name, to, transition: transition.name });
}

function readInput({ name, input: schema }: Transition, input: unknown): { input: JsonObject | null; problems: InputProblem[] } {
  if (schema) {
    const value = input ?? {};
    return { input: asJsonObject(value), problems: validateData(schema, value, "input") };
  }
  const isNothing = input === undefined || input === null || (isObject(input) && Object.keys(input).length === 0);
  return { input: null, problems: isNothing ? [] : [{ path: "input", message: `The transition "${name}" takes no input.` }] };
}

/** Input that the data schema declares becomes data under the same name; the rest stays in the history, unless an action writes it. */
function mergeInput(machine: Machine, data: JsonObject, input: JsonObject | null): JsonObject {
  const declared = Object.entries(input ?? {}).filter(([name]) => machine.data.root.properties.has(name));
  return declared.length === 0 ? data : { ...data, ...Object.fromEntries(declared) };
}
