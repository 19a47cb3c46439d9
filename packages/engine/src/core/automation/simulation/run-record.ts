import type { Step, StepGraph } from "../../model/automation.js";
import type { RunEffect, RunSnapshot, StepSnapshot } from "../../model/run.js";
import type { StubbedEnd } from "../../model/step-stub.js";
import type { SimulatedAttempt, SimulatedCondition, SimulatedRun, SimulatedRunEffect, SimulatedRunStep } from "./report.js";

const ENDS = { succeeded: "SUCCEEDED", failed: "FAILED", lost: "LOST", stays: "PENDING" } as const;

type EndOfRecord = Pick<SimulatedRun, "endedAt" | "violations" | "unfinished">;

/** What a simulated run shows of itself, collected while it happens. */
export class RunRecord {
  readonly #graph: StepGraph;
  readonly #startedAt: string;
  /** IDs in the order in which something became of them. */
  readonly #order = new Set<string>();
  readonly #attempts = new Map<string, SimulatedAttempt[]>();
  readonly #conditions = new Map<string, SimulatedCondition>();
  readonly #effects: SimulatedRunEffect[] = [];
  #chars = 0;

  constructor(graph: StepGraph, startedAt: string) {
    this.#graph = graph;
    this.#startedAt = startedAt;
  }

  /** Size of the inputs and outputs. */
  get chars(): number {
    return this.#chars;
  }

  /** Adds a step of which something has become. Returns whether it is new. */
  addStep(id: string): boolean {
    const isNew = !this.#order.has(id);
    this.#order.add(id);
    return isNew;
  }

  addCondition(id: string, condition: SimulatedCondition): void {
    this.#conditions.set(id, condition);
  }

  addAttempt(id: string, { end, ...attempt }: Omit<SimulatedAttempt, "end" | "outputs" | "error"> & { readonly end: StubbedEnd }): void {
    const outputs = end.kind === "succeeded" ? end.outputs : null;
    this.#chars += JSON.stringify([attempt.input, outputs]).length;
    const all = this.#attempts.get(id) ?? [];
    all.push({ ...attempt, end: ENDS[end.kind], outputs, error: end.kind === "failed" ? end.error : null });
    this.#attempts.set(id, all);
  }

  addEffect(effect: RunEffect, at: string): void {
    this.#effects.push(effectReport(effect, at));
  }

  /** Returns the report. Steps that the run does not reach come last. */
  report(run: RunSnapshot, end: EndOfRecord): SimulatedRun {
    const { status, outputs, ending } = run;
    const rest = [...run.steps.keys()].filter((id) => !this.#order.has(id));
    return {
      status,
      startedAt: this.#startedAt,
      failedStep: status === "FAILED" ? (ending?.step ?? null) : null,
      outputs,
      steps: [...this.#order, ...rest].flatMap((id) => this.#stepReport(run, id) ?? []),
      effects: this.#effects,
      ...end,
    };
  }

  #stepReport(run: RunSnapshot, id: string): SimulatedRunStep | null {
    const snapshot = run.steps.get(id);
    const rule = snapshot && this.#graph.steps.get(snapshot.item?.of ?? id);
    if (!snapshot || !rule) return null;
    const { item, status, outputs, error } = snapshot;
    return {
      step: rule.id,
      title: rule.title,
      type: rule.type,
      index: item?.index ?? null,
      item: item?.value ?? null,
      status,
      condition: this.#conditions.get(id) ?? null,
      reason: reasonOf(run, snapshot, rule),
      attempts: this.#attempts.get(id) ?? [],
      outputs,
      error,
    };
  }
}

/** Why a step has not been done; null if it has been, or can still be. */
function reasonOf({ steps }: RunSnapshot, { status }: StepSnapshot, { when, dependsOn }: Step): string | null {
  if (status === "CANCELLED") return "The run stops before the step has ended.";
  if (status !== "SKIPPED") return null;
  if (when) return "Its condition does not hold.";
  const skipped = dependsOn.filter((needed) => steps.get(needed)?.status === "SKIPPED");
  return `It depends on ${skipped.join(", ")}, which ${skipped.length === 1 ? "is" : "are"} skipped.`;
}

function effectReport(effect: RunEffect, at: string): SimulatedRunEffect {
  switch (effect.kind) {
    case "fallBack":
      return { kind: "FALL_BACK", step: effect.step, text: effect.key, inputs: effect.inputs, at };
    case "notifyFailure":
      return { kind: "NOTIFY_FAILURE", step: effect.step, text: effect.to.join(", "), inputs: null, at };
    case "incident":
      return { kind: "INCIDENT", step: effect.step, text: effect.message, inputs: null, at };
    case "stop":
      return { kind: "STOP", step: effect.steps[0] ?? "", text: effect.steps.join(", "), inputs: null, at };
    default:
      return effect satisfies never;
  }
}
