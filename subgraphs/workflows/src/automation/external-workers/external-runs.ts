import {
  findOfferedSteps,
  insertStepLeases,
  isOfTasks,
  recordLeaseResults,
  workerTimeoutOf,
  type StepLeaseResult,
  type WorkerReport,
} from "@weft/engine";
import type { Context } from "@weft/api/context";
import { runTransactions, type RunTransactions } from "../run-transactions.js";

export const resultOf = ({ kind }: WorkerReport): StepLeaseResult =>
  kind === "succeeded" ? "SUCCEEDED" : kind === "released" ? "RELEASED" : "FAILED";

type Taking = { readonly tasks: readonly string[]; readonly leaseSeconds: number; readonly onOthersTaken: () => void };

/**
 * The transactions of external workers. They are those of workers of Weft, so that everything follows from a result as for other steps. In the same
 * transaction, the lease is stored, or what was recorded of it.
 */
export function externalRuns(
  { services, viewer, requestId }: Pick<Context, "services" | "viewer" | "requestId">,
  { tasks, leaseSeconds, onOthersTaken }: Taking,
): RunTransactions {
  return runTransactions({
    ...services,
    leaseSeconds,
    external: {
      requestId,
      takes: isOfTasks(new Set(tasks)),
      findDue: async (tx, limit) => {
        const { steps, areOthersTaken } = await findOfferedSteps(tx, { tasks, limit });
        if (areOthersTaken) onOthersTaken();
        return steps;
      },
      beforeEnd: async (tx, { recorded, taken }) => {
        if (recorded.length > 0)
          await recordLeaseResults(
            tx,
            recorded.map(({ taken: { leaseToken: token }, report }) => ({ token, result: resultOf(report) })),
          );
        if (taken.length > 0)
          await insertStepLeases(tx, {
            takenBy: viewer.userId,
            leases: taken.map(({ leaseToken: token, runId, step, attempt, isCompensation, work }) => ({
              token,
              runId,
              step,
              attempt,
              isCompensation,
              timeoutSeconds: workerTimeoutOf(work),
            })),
          });
      },
    },
  });
}
