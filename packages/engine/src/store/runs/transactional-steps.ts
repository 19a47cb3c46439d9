/** The step types whose work is done in the transaction that takes the step. A new one is a file in `types`, and an entry in this list. */
import type { TransactionalStep } from "./transactional-step.js";

export const TRANSACTIONAL_STEPS: ReadonlyMap<string, TransactionalStep> = new Map<string, TransactionalStep>([]);
