import type { Executor } from "./executor.js";

/**
 * Returns an executor that does something before or after another one executes. Its schemas are always those of the other one, which change when the
 * supergraph is reloaded.
 */
export const executorOver = (executor: Executor, execute: Executor["execute"]): Executor => ({
  get schema() {
    return executor.schema;
  },
  get internalSchema() {
    return executor.internalSchema;
  },
  stop: () => executor.stop(),
  execute,
});
