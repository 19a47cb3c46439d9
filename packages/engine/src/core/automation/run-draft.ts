/** A run while an event changes it. Collects the changed steps and the effects; nothing outside changes. */
import type { Step, StepGraph } from "../model/automation.js";
import type { RunEffect, RunSnapshot, RunStatus, StepSnapshot, StepStatus } from "../model/run.js";

export const isEnded = (status: RunStatus): boolean => status === "SUCCEEDED" || status === "FAILED" || status === "CANCELLED";

export const hasEnded = (status: StepStatus): boolean =>
  status === "SUCCEEDED" || status === "FAILED" || status === "SKIPPED" || status === "CANCELLED";

const isAtWork = ({ status }: StepSnapshot): boolean => status === "RUNNING" || status === "WAITING";

export type RunDraft = {
  readonly graph: StepGraph;
  readonly now: string;
  status: RunStatus;
  ending: RunSnapshot["ending"];
  outputs: RunSnapshot["outputs"];
  readonly inputs: RunSnapshot["inputs"];
  readonly facts: RunSnapshot["facts"];
  readonly effects: RunEffect[];
  /** IDs of changed and new steps, in the order of their first change. */
  readonly changed: Set<string>;
  step(id: string): StepSnapshot | undefined;
  all(): Iterable<StepSnapshot>;
  /** The rule of a step, or of the step that an item belongs to. */
  ruleOf(id: string): Step | undefined;
  change(step: StepSnapshot, changes: Partial<StepSnapshot>): void;
  /** Changes a step that ends by it. */
  end(step: StepSnapshot, changes: Partial<StepSnapshot>): void;
  add(step: StepSnapshot): void;
  /** Whether no work is being done or waited for. */
  isAtRest(): boolean;
  /** Ends the run that has stopped, or begins to undo what it did. */
  stopped(): void;
  snapshot(): RunSnapshot;
};

export function draftOf(graph: StepGraph, run: RunSnapshot, now: string): RunDraft {
  const steps = new Map(run.steps);
  let order = Math.max(0, ...[...steps.values()].map(({ ended }) => ended ?? 0));
  const draft: RunDraft = {
    graph,
    now,
    status: run.status,
    ending: run.ending,
    outputs: run.outputs,
    inputs: run.inputs,
    facts: run.facts,
    effects: [],
    changed: new Set(),
    step: (id) => steps.get(id),
    all: () => steps.values(),
    ruleOf: (id) => graph.steps.get(steps.get(id)?.item?.of ?? id),
    change: (step, changes) => {
      const current = steps.get(step.id) ?? step;
      steps.set(step.id, { ...current, ...changes });
      draft.changed.add(step.id);
    },
    end: (step, changes) => {
      order++;
      draft.change(step, { ...changes, ended: order, notBefore: null });
    },
    add: (step) => {
      steps.set(step.id, step);
      draft.changed.add(step.id);
    },
    isAtRest: () => ![...steps.values()].some(isAtWork),
    stopped: () => {
      const { ending } = draft;
      if (ending?.compensates) {
        for (const step of steps.values())
          if (step.status === "SUCCEEDED" && draft.ruleOf(step.id)?.compensate && isUndone(step))
            draft.change(step, { compensation: "PENDING", failures: 0, lost: 0 });
        draft.status = "COMPENSATING";
      } else draft.status = ending?.status ?? "FAILED";
    },
    snapshot: () => ({
      status: draft.status,
      ending: draft.ending,
      inputs: draft.inputs,
      facts: draft.facts,
      steps,
      outputs: draft.outputs,
    }),
  };
  const isUndone = (step: StepSnapshot): boolean =>
    // The items of a list are undone one by one, not the list as a whole.
    draft.ruleOf(step.id)?.each ? step.item !== null : true;
  return draft;
}

/** Lets no further step begin, and tells those at work to stop. What had not begun is canceled. */
export function stopRun(draft: RunDraft, ending: NonNullable<RunSnapshot["ending"]>): void {
  draft.ending = ending;
  draft.status = "STOPPING";
  const working: string[] = [];
  for (const step of draft.all()) {
    // A list whose items are at work ends with them.
    const isList = step.item === null && step.status === "WAITING" && draft.ruleOf(step.id)?.each && !step.isFallback;
    if (isList || step.isParked || step.status === "PENDING" || step.status === "READY") draft.end(step, { status: "CANCELLED" });
    else if (isAtWork(step)) working.push(step.id);
  }
  if (working.length > 0) draft.effects.push({ kind: "stop", steps: working });
}
