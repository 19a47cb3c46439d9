/** The step types whose work is done in the transaction that takes the step. A new one is a file in `types`, and an entry in this list. */
import type { TransactionalStep } from "./transactional-step.js";
import { emitStep } from "./types/emit.js";
import { notifyStep } from "./types/notify.js";
import { taskStep } from "./types/task.js";
import { waitStep } from "./types/wait.js";
import { workflowStep } from "./types/workflow.js";

export const TRANSACTIONAL_STEPS: ReadonlyMap<string, TransactionalStep> = new Map<string, TransactionalStep>([
  ["emit", emitStep],
  ["notify", notifyStep],
  ["task", taskStep],
  ["wait", waitStep],
  ["workflow", workflowStep],
]);
