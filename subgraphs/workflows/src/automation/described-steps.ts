import { STEP_EXAMPLES, STEP_TYPES, type StepType } from "@weft/engine";

/** A built-in step type with an example, for its reference. */
export interface DescribedStep {
  readonly type: StepType;
  /** A step in YAML. */
  readonly example: string;
}

export const describedSteps = (): readonly DescribedStep[] =>
  [...STEP_TYPES.values()].map((type) => ({ type, example: STEP_EXAMPLES.get(type.name) ?? "" }));
