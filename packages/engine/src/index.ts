export type * from "./core/types.js";
export type { Machine, MachineState, Transition, TaskRule, InputSchema } from "./core/machine.js";
export type { Problem, ProblemCode } from "./core/problems.js";
