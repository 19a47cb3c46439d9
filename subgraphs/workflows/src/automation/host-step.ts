import { addStepTypes, stepType, type StepTypeSource } from "@weft/engine";
import type { StepMiddleware } from "./middleware/middleware.js";
import type { Performer } from "./performers/performer.js";

/** A step type of a host application: its schema, and how its work is done. */
export interface HostStep {
  readonly type: ReturnType<typeof stepType>;
  readonly perform: Performer;
}

/** What a host application adds to the steps of Weft. */
export interface HostSteps {
  readonly steps?: readonly HostStep[];
  /** Around the work of all steps, also of those of Weft, and within the middleware of Weft. */
  readonly middleware?: readonly StepMiddleware[];
}

/**
 * Declares a step type with its performer.
 * @throws Error if a schema is not one
 */
export const defineStep = ({ perform, ...type }: StepTypeSource & { readonly perform: Performer }): HostStep => ({
  type: stepType(type),
  perform,
});

/**
 * Makes the step types of a host application known in this process. Every process that validates definitions or does steps must call it.
 * @throws Error if a name is taken
 */
export const useHostSteps = ({ steps = [] }: HostSteps): void => addStepTypes(steps.map(({ type }) => type));
