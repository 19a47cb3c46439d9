import { contained } from "@weft/platform/logging";
import type { Executor } from "../executor.js";
import { executorOver } from "../executor-over.js";
import type { OperationLog } from "../operation-log.js";
import { answeredDocument } from "../operations.js";
import type { Limits } from "../limits/limits.js";
import { maskError } from "../errors/mask.js";
import type { CountedOccurrences } from "./counted-occurrences.js";
import { type AnsweredCall, occurrencesOf } from "./occurrences-of.js";

type Schemas = Pick<Executor, "schema" | "internalSchema">;

/** Counts what an answer tells the audit trail. An error in it is logged and changes nothing: the answer to a mutation that is done must arrive. */
const record = contained("counting for the audit trail", (occurrences: CountedOccurrences, schemas: Schemas, answered: AnsweredCall) => {
  if (!answered.viewer) return;
  for (const occurrence of occurrencesOf(schemas, answered)) occurrences.add(answered.viewer.tenantId, occurrence);
});

/**
 * Returns a log of operations that also counts refusals, failures and sensitive reads for the audit trail. Every answer to a client, over any transport,
 * passes the log: also those that no subgraph has seen, such as the refusal of a limit.
 */
export function recordingAnswers(log: OperationLog, occurrences: CountedOccurrences, schemas: () => Schemas): OperationLog {
  if (!occurrences.isOn) return log;
  return (answered, level) => {
    log(answered, level);
    const { error, errors = error ? [error] : [], phase } = answered;
    // What a subscription reads is recorded when it begins, because it can last for days.
    const hasData = phase === undefined ? answered.hasData : phase === "begun";
    record(occurrences, schemas(), { ...answered, errors, hasData });
  };
}

/** Returns an executor that counts the same for operations that no client has sent, such as those of steps. */
export function recordingExecutions(executor: Executor, occurrences: CountedOccurrences, limits: Limits): Executor {
  if (!occurrences.isOn) return executor;
  return executorOver(executor, async (operation, context) => {
    const { operationName, query } = operation;
    const recordErrors = (errors: AnsweredCall["errors"], hasData: boolean): void =>
      record(occurrences, executor, {
        ...context,
        operationName,
        document: answeredDocument(query, limits, { isExecuted: hasData }),
        errors,
        hasData,
      });
    try {
      const result = await executor.execute(operation, context);
      recordErrors(result.errors ?? [], (result.data ?? null) !== null);
      return result;
    } catch (error) {
      recordErrors([maskError(error, context.requestId).client], false);
      throw error;
    }
  });
}
