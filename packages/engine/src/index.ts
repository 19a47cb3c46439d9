export { assign } from "./core/assign.js";
export { available } from "./core/available.js";
export { cancel } from "./core/cancel.js";
export { changeData } from "./core/change-data.js";
export { compile } from "./core/compile.js";
export { fire } from "./core/fire.js";
export { parseDefinition, type ParsedDefinition } from "./core/parse.js";
export { start } from "./core/start.js";
export type {
  Actor,
  AssignRequest,
  AvailableTransition,
  CancelRequest,
  ChangeDataRequest,
  CompileOptions,
  CompileResult,
  DataChanges,
  EventToEmit,
  FinalKind,
  FireRequest,
  FireResult,
  InputProblem,
  InstanceStatus,
  Json,
  JsonObject,
  Outcome,
  OutcomeKind,
  Principal,
  Reason,
  ReasonRule,
  Rejection,
  Snapshot,
  SnapshotTask,
  StartRequest,
  TaskToClose,
  TaskToOpen,
} from "./core/types.js";
export type { Machine, MachineState, Transition, TaskRule, InputSchema } from "./core/machine.js";
export type { Problem, ProblemCode } from "./core/problems.js";
