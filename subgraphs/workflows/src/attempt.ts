import { ServiceUnavailable, TransitionRejected, WeftError } from "@weft/shared/errors";
import { databaseFaultOf, isRetryable, mapDatabaseError, type Tx } from "@weft/platform/db";

export type Failure = { readonly outcome: "REJECTED" | "FAILED"; readonly message: string };

/** SQLSTATE of a statement that took too long. It would take too long again, so the next events must not wait for it. */
const STATEMENT_TIMEOUT = "57014";

/** Runs a step in a savepoint, so that its failure leaves nothing. If somebody else holds a lock for too long, the whole transaction is repeated. */
export async function attempt<T>(
  tx: Tx,
  onBug: (error: unknown) => void,
  step: (inner: Tx) => Promise<T>,
): Promise<{ readonly value: T } | { readonly failure: Failure }> {
  try {
    return { value: await tx.transaction((inner) => step(inner)) };
  } catch (thrown) {
    if (isRetryable(thrown)) throw thrown;
    if (databaseFaultOf(thrown)?.code === STATEMENT_TIMEOUT)
      return { failure: { outcome: "FAILED", message: "The database did not finish in time. Retry when it is less busy." } };
    const error = mapDatabaseError(thrown);
    if (error instanceof ServiceUnavailable) throw error;
    if (error instanceof TransitionRejected) return { failure: { outcome: "REJECTED", message: error.message } };
    if (error instanceof WeftError) return { failure: { outcome: "FAILED", message: error.message } };
    onBug(error);
    return { failure: { outcome: "FAILED", message: "An internal error occurred. The log contains the cause." } };
  }
}
