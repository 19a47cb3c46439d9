/** `@weft/server`: Weft for your own Node.js server: workers that do steps of automations, and middleware for Express and Fastify. */
export { weftCaller, workflowMiddleware, type Middleware, type WeftRequest } from "./http/express.js";
export { weftCallerOf } from "./http/fastify.js";
export { problemOf, type Problem } from "./http/problem.js";
export { createVerify, type Caller, type CallerOptions, type Verify } from "./http/verify.js";
export type { WorkflowOptions, WorkflowResult } from "./http/workflow.js";
export { createWorker, StepFailure, type Step, type StepHandler, type Worker, type WorkerOptions } from "./worker/worker.js";
