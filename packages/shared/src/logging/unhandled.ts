import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "./logger.js";

/** Only for the last words of a process: nothing else may depend on it. */
const currentRequest = new AsyncLocalStorage<string>();

/** Runs the work of a request so that an error that nobody handles is logged with the request's id. */
export function underRequest<T>(requestId: string, run: () => Promise<T>): Promise<T> {
  return currentRequest.run(requestId, run);
}

/**
 * An error that nobody handled leaves the process in a state that nobody knows: it is logged, with the id of the request that it came from, and the
 * process ends with 1. The supervisor, or whoever else runs it, starts it again.
 */
export function endOnUnhandled(log: Logger): void {
  const end = (what: string) => (error: unknown) => {
    log.fatal({ err: error, requestId: currentRequest.getStore() }, what);
    process.exit(1);
  };
  process.on("unhandledRejection", end("a rejection that nobody handled"));
  process.on("uncaughtException", end("an error that nobody caught"));
}
