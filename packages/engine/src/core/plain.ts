/** Which moves concern one instance and nothing else: the others need more reading, or more writing, than the move itself. */
import type { Machine } from "./machine.js";
import type { Outcome } from "./outcome.js";

/** Whether a transition out of this state is decided by the instance, its open tasks and the request alone: neither votes nor children have a say. */
export function isPlainState(machine: Machine, state: string): boolean {
  const found = machine.states.get(state);
  return found !== undefined && found.decide === null && found.join === null && found.children.length === 0;
}

/** What each member of an outcome must be for a batch to carry it; "any": `engine.apply_batch` writes it, whatever it is. Whoever adds a member decides here. */
const plain: { readonly [member in keyof Required<Outcome>]: "any" | ((outcome: Outcome) => boolean) } = {
  kind: ({ kind }) => kind === "transition" || kind === "start",
  from: "any",
  to: "any",
  version: "any",
  transition: "any",
  status: "any",
  outcome: "any",
  dataChanges: "any",
  closeTasks: "any",
  openTasks: ({ openTasks }) => openTasks.every(({ route, isFromData }) => route === null && !isFromData),
  startChildren: ({ startChildren }) => startChildren.length === 0,
  cancelsChildren: ({ cancelsChildren }) => !cancelsChildren,
  incident: ({ incident }) => incident === null,
  resolution: ({ resolution }) => resolution === undefined,
  doneBy: "any",
  definitionId: ({ definitionId }) => definitionId === undefined,
  references: ({ references = [] }) => references.length === 0,
  isAutomatic: ({ isAutomatic }) => !isAutomatic,
  taskId: "any",
  vote: ({ vote }) => vote === undefined,
  assignee: "any",
  events: "any",
  timersToSet: ({ timersToSet }) => timersToSet.length === 0,
  timersToClear: ({ timersToClear }) => timersToClear.length === 0,
  actorId: "any",
  onBehalfOf: "any",
  comment: "any",
  input: "any",
  at: "any",
};
const conditions = Object.values(plain).filter((condition) => condition !== "any");

/** Whether the outcomes are one start, or one transition by a person, that starts, ends or routes nothing else. */
export const isPlainMove = ([first, ...others]: readonly [Outcome, ...Outcome[]]): boolean =>
  others.length === 0 && conditions.every((holds) => holds(first));
