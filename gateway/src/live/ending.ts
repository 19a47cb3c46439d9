import { Abandoned, ServiceUnavailable } from "@weft/shared";
import { ClientGone } from "../context.js";
import type { OperationContext } from "../context.js";

/** Until when an operation is worth working at. */
export type Ending = Required<Pick<OperationContext, "signal" | "deadline">>;

/**
 * Runs an operation with a signal that aborts at its deadline and when its socket closes. Neither timer nor listener outlives the operation, as those of
 * `AbortSignal.timeout` and `AbortSignal.any` would by the whole deadline.
 * @param onClosed the functions that are called when the socket closes; without a socket: none
 * @throws ServiceUnavailable for what the operation throws after its deadline, Abandoned for what it throws because the socket has closed
 */
export async function withEnding<T>(
  { timeoutMs, onClosed }: { readonly timeoutMs: number; readonly onClosed?: Set<() => void> | undefined },
  run: (ending: Ending) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  const ending = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    ending.abort(new Error(`No answer within ${timeoutMs} ms.`));
  }, timeoutMs);
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
