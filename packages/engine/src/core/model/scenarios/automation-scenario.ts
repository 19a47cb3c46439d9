/** Scenarios of an automation: inputs, results of steps, and the expected end. */
import type { StepStub } from "../step-stub.js";
import type { JsonObject } from "../json.js";
import type { StepStatus } from "../run.js";

export type AutomationScenario = {
  readonly name: string;
  readonly inputs: JsonObject;
  readonly now: string;
  /** Results of steps. The others succeed with an example of their outputs. */
  readonly stubs: readonly StepStub[];
  readonly expect: ExpectedRun;
};

/** Omitted members can have any value. */
export type ExpectedRun = {
  readonly status?: "SUCCEEDED" | "FAILED" | undefined;
  /** By ID of the step. */
  readonly steps?: ReadonlyMap<string, StepStatus> | undefined;
  /** Compares only these inputs of the last attempt, by ID of the step. */
  readonly inputs?: ReadonlyMap<string, JsonObject> | undefined;
  /** Compares only these values; null: there is no value. */
  readonly outputs?: JsonObject | undefined;
};
