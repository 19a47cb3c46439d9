import { Abandoned, ServiceUnavailable } from "@weft/shared/errors";
import { contained } from "@weft/platform/logging";
import { ClientGone } from "../../context.js";
import type { OperationContext } from "../../context.js";

/** When to stop working on an operation. */
export type Ending = Required<Pick<OperationContext, "signal" | "deadline">>;

/**
 * Runs an operation with a signal that aborts at its deadline and when its client no longer waits. Neither timer nor listener outlives the operation. Those of
 * `AbortSignal.timeout` and `AbortSignal.any` would, until the deadline.
 * @param onClosed functions that are called when the socket closes or the client no longer waits; omitted if nobody waits
 * @throws ServiceUnavailable for errors after the deadline, Abandoned for errors because the client no longer waits
 */
export async function withEnding<T>(
  { timeoutMs, onClosed }: { readonly timeoutMs: number; readonly onClosed?: Set<() => void> | undefined },
  run: (ending: Ending) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  const ending = new AbortController();
  let isLate = false;
  const onLate = contained("the deadline of an operation", () => {
    isLate = true;
    ending.abort(new Error(`No response within ${timeoutMs} ms.`));
  });
  const timer = setTimeout(onLate, timeoutMs);
  const close = (): void => ending.abort(new ClientGone());
  onClosed?.add(close);
  try {
    return await run({ signal: ending.signal, deadline });
  } catch (error) {
    if (isLate) throw new ServiceUnavailable("gateway", error);
    throw error instanceof ClientGone ? new Abandoned(error) : error;
  } finally {
    clearTimeout(timer);
    onClosed?.delete(close);
  }
}
