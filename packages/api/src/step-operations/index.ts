export { readApiSchema } from "./api-schema.js";
export { countRunsBefore } from "./chain-of-run.js";
export { checkStepOperation } from "./check-step-operation.js";
export { mutationsOfRuns, personalQueries } from "./operations-of-runs.js";
export {
  type AgentRights,
  askStepOperation,
  claimStepOperations,
  dropStepOperation,
  readStepResult,
  type StepOperation,
  type StepOperationResult,
  writeStepResult,
} from "./step-operation.store.js";
export { refusalOfRun } from "./usable-fields.js";
