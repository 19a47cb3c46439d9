import { draftOf, finish } from "./finish.js";
import type { Machine } from "./machine.js";
import { onlyAsked } from "./forms/asked-data.js";
import { runActions } from "./moves.js";
import type { FireResult } from "./outcome.js";
import { badInput } from "./rejection.js";
import type { StartRequest } from "./requests.js";
import { asJsonObject, checkJson } from "./schema/json.js";
import { withDefaults } from "./schema/defaults.js";
import { validateData } from "./schema/validate.js";

/** The first outcome of a new instance, in the initial state; its version is 1. */
export function start(machine: Machine, request: StartRequest): FireResult {
  const to = machine.states.get(machine.initial);
  if (!to) throw new Error(`the machine ${machine.key} has no initial state`);
  const data = asJsonObject(request.data);
  // The schema is asked at the end (finish): an action on entry may set what it requires.
  const unfit = data === null ? validateData(machine.data, request.data) : checkJson(data, "data");
  if (data === null || unfit.length > 0) return badInput(unfit);
  const asked = onlyAsked(machine, request.chosen, data);
  const filled = withDefaults(machine.data.root, asked.data);
  const before = {
    ownerId: request.ownerId,
    teamId: request.teamId ?? null,
    assignee: request.assignee ?? null,
    version: 0,
    data: filled,
    openTasks: [],
  };
  const draft = draftOf(machine, before, { actor: request.actor, now: request.now, state: to.name, input: null, comment: null });
  draft.problems.push(...asked.problems);
  runActions(draft, to.onEntry);
  return finish(machine, draft, { kind: "start", before, from: null, to, transition: null });
}
