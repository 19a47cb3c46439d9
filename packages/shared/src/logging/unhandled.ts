import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "./logger.js";

/** Used only to log fatal errors. Nothing else may depend on it. */
const currentRequest = new AsyncLocalStorage<string>();

/** Runs the work of a request so that unhandled errors are logged with the request's ID. */
export function underRequest<T>(requestId: string, run: () => Promise<T>): Promise<T> {
  return currentRequest.run(requestId, run);
}

/**
 * Logs unhandled errors with the ID of the request that caused them, and then exits with code 1, because the state of the process is unknown. The
 * supervisor restarts it.
 */
export function endOnUnhandled(log: Logger): void {
  const end = (what: string) => (error: unknown) => {
    log.fatal({ err: error, requestId: currentRequest.getStore() }, what);
    process.exit(1);
  };
  process.on("unhandledRejection", end("unhandled rejection"));
  process.on("uncaughtException", end("uncaught error"));
}
