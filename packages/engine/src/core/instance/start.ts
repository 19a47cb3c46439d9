/**
 * Instances: decides what happens when an instance is started, canceled, assigned, suspended, resumed, rolled back or commented on.
 * Changes of data outside a transition belong here too.
 * This module never fires a transition of the definition: `transition` does.
 */
import { draftOf, finish } from "../outcome/finish.js";
import type { Machine } from "../model/machine.js";
import { onlyAsked } from "../forms/asked-data.js";
import { runActions } from "../outcome/run-actions.js";
import type { FireResult } from "../model/outcome.js";
import { badInput } from "../model/rejection.js";
import type { StartRequest } from "../model/requests.js";
import { asJsonObject, checkJson } from "../model/values.js";
import { withDefaults } from "../schema/defaults.js";
import { validateData } from "../schema/validate.js";

/** Returns the first outcome of a new instance, in the initial state; its version is 1. */
export function start(machine: Machine, request: StartRequest): FireResult {
  const to = machine.states.get(machine.initial);
  if (!to) throw new Error(`the machine ${machine.key} has no initial state`);
  const data = asJsonObject(request.data);
  // The schema is checked at the end (`finish`), because an action on entry can set a required property.
  const unfit = data === null ? validateData(machine.data, request.data) : checkJson(data, "data");
  if (data === null || unfit.length > 0) return badInput(unfit);
  const asked = onlyAsked(machine, request.chosen, data);
  const filled = withDefaults(machine.data.root, asked.data);
  const before = {
    ownerId: request.ownerId,
    teamId: request.teamId ?? null,
    assignee: request.assignee ?? null,
    requestType: request.requestType,
    version: 0,
    data: filled,
    openTasks: [],
  };
  const draft = draftOf(machine, before, { actor: request.actor, now: request.now, state: to.name, input: null, comment: null });
  draft.problems.push(...asked.problems);
  runActions(draft, to.onEntry);
  return finish(machine, draft, { kind: "start", before, from: null, to, transition: null });
}
