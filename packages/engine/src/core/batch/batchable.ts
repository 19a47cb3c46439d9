/**
 * Batch: decides which transitions and starts can share a database transaction with others: those that concern one instance and nothing else.
 * The others need to read or write more.
 * This module never changes what a transition does: its outcome in a batch and outside is the same.
 */
import type { Machine } from "../model/machine.js";
import type { Outcome } from "../model/outcome.js";

/** Whether a transition out of this state depends only on the instance, its open tasks and the request, not on votes or children. */
export function isBatchableState(machine: Machine, state: string): boolean {
  const found = machine.states.get(state);
  return found !== undefined && found.decide === null && found.join === null && found.children.length === 0;
}

/**
 * The values that each member of an outcome must have for a batch to carry it. "any": `engine.apply_batch` writes it, whatever its value. If you add
 * a member to the outcome, decide here.
 */
const batchable: { readonly [member in keyof Required<Outcome>]: "any" | ((outcome: Outcome) => boolean) } = {
  kind: ({ kind }) => kind === "transition" || kind === "start",
  from: "any",
  to: "any",
  version: "any",
  transition: "any",
  status: "any",
  outcome: "any",
  isClosed: "any",
  dataChanges: "any",
  closeTasks: "any",
  openTasks: ({ openTasks }) => openTasks.every(({ route, isFromData }) => route === null && !isFromData),
  startChildren: ({ startChildren }) => startChildren.length === 0,
  cancelsChildren: ({ cancelsChildren }) => !cancelsChildren,
  startsRun: "any",
  stopsRun: ({ stopsRun }) => stopsRun === undefined,
  incident: ({ incident }) => incident === null,
  resolution: ({ resolution }) => resolution === undefined,
  doneBy: "any",
  definitionId: ({ definitionId }) => definitionId === undefined,
  references: ({ references = [] }) => references.length === 0,
  isAutomatic: ({ isAutomatic }) => !isAutomatic,
  timer: ({ timer }) => timer === undefined,
  taskId: "any",
  vote: ({ vote }) => vote === undefined,
  assignee: "any",
  events: "any",
  calls: "any",
  notices: "any",
  starts: "any",
  assigns: ({ assigns }) => assigns === undefined,
  offers: ({ offers }) => offers === undefined,
  timersToSet: "any",
  timersToClear: "any",
  actorId: "any",
  onBehalfOf: "any",
  comment: "any",
  input: "any",
  at: "any",
};
const conditions = Object.values(batchable).filter((condition) => condition !== "any");

/** Whether the outcomes are a single start, or a single transition by a person, that starts, ends or routes nothing else. */
export const isBatchable = ([first, ...others]: readonly [Outcome, ...Outcome[]]): boolean =>
  others.length === 0 && conditions.every((holds) => holds(first));
