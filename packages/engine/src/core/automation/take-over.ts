/** Decides which results of a run that has ended another run of the same steps takes over. */
import type { Step, StepGraph } from "../model/automation.js";
import type { RunSnapshot, StepSnapshot } from "../model/run.js";
import { pathsOfTemplate } from "./template.js";

export type TakingOver = {
  /** ID of the step to begin with; null: those that have no usable result. */
  readonly from: string | null;
  /** Whether the new run has the same inputs. */
  readonly hasSameInputs: boolean;
};

/**
 * Returns the steps of the new run that have ended already: those whose result still holds, and that depend neither on the step to begin with nor on
 * another one that is done again. Results still hold of steps that succeeded, that were skipped, or whose failure did not matter; not of those that
 * were undone, because what they did is no longer there. Of a list that is done again only because some of its items failed, the items that succeeded
 * are kept, if the list is certainly the same one.
 */
export function takeOver(graph: StepGraph, run: RunSnapshot, { from, hasSameInputs }: TakingOver): ReadonlyMap<string, StepSnapshot> {
  const kept = new Map<string, StepSnapshot>();
  for (const id of graph.order) {
    const step = graph.steps.get(id);
    const snapshot = run.steps.get(id);
    if (!step || !snapshot || id === from || !step.dependsOn.every((needed) => kept.has(needed))) continue;
    const items = itemsOf(run, id);
    if (isUsable(step, snapshot) && items.every((item) => !isUndone(item)))
      for (const one of [snapshot, ...items]) kept.set(one.id, keptStep(one));
  }
  if (!hasSameInputs) return kept;
  // After all others, so that an item never counts as a step that something depends on.
  for (const [id, step] of graph.steps) {
    if (kept.has(id) || id === from || !isSameList(step, kept)) continue;
    for (const item of itemsOf(run, id)) if (item.status === "SUCCEEDED" && !isUndone(item)) kept.set(item.id, keptStep(item));
  }
  return kept;
}

const itemsOf = ({ steps }: RunSnapshot, id: string): StepSnapshot[] => [...steps.values()].filter(({ item }) => item?.of === id);

/** Also if undoing it has failed: nobody knows what is left of it. */
const isUndone = ({ compensation }: StepSnapshot): boolean => compensation !== null;

function isUsable({ onFailure }: Step, snapshot: StepSnapshot): boolean {
  if (isUndone(snapshot)) return false;
  const { status } = snapshot;
  return status === "SUCCEEDED" || status === "SKIPPED" || (status === "FAILED" && onFailure.reaction === "continue");
}

/** Everything that the list is computed from is taken over. `run` differs in each run. */
function isSameList({ dependsOn, each }: Step, kept: ReadonlyMap<string, StepSnapshot>): boolean {
  if (!each || !dependsOn.every((needed) => kept.has(needed))) return false;
  const reads = pathsOfTemplate({ kind: "expression", operand: each.list, source: "" });
  return reads.every(([root]) => root !== "run");
}

/** It keeps its place in the order in which steps have ended, so that the new run can undo it. */
const keptStep = (step: StepSnapshot): StepSnapshot => ({ ...step, notBefore: null, isParked: false });
