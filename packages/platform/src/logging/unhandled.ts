import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "./logger.js";

/** Used only to log fatal errors. Nothing else may depend on it. */
const currentRequest = new AsyncLocalStorage<string>();

/** Logs failures that `contained` keeps from ending the process. Undefined before `endOnUnhandled`: they then end it, so that tests notice them. */
let logContained: ((error: unknown, what: string) => void) | undefined;

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
  logContained = (error, what) => log.error({ err: error, requestId: currentRequest.getStore() }, `${what} failed`);
}

/**
 * Returns a callback for a timer or a listener of the edge. Nothing awaits such a callback, so an exception of it would end the process for all
 * tenants, and anybody who finds one could repeat it. Instead, the exception is logged once with its cause, and only what the callback belongs to ends.
 * @param what what the callback does, for the log: `pinging sockets`
 * @param end ends what the callback belongs to, such as a connection; it gets the same arguments
 */
export function contained<Args extends readonly unknown[]>(
  what: string,
  run: (...args: Args) => void | Promise<void>,
  end?: (...args: Args) => void,
): (...args: Args) => void {
  const fail = (error: unknown, args: Args): void => {
    if (!logContained) throw error;
    logContained(error, what);
    try {
      end?.(...args);
    } catch (cause) {
      logContained(cause, `${what}, and ending it,`);
    }
  };
  return (...args) => {
    try {
      const running: unknown = run(...args);
      // Callbacks may return anything, such as the result of the last call in an arrow function.
      if (running instanceof Promise) running.catch((error: unknown) => fail(error, args));
    } catch (error) {
      fail(error, args);
    }
  };
}
