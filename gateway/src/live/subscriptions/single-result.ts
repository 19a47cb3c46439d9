import type { ExecutionResult } from "graphql";

/** Runs an operation. Functions that it adds to `onEnded` are called when the client no longer waits. */
export type RunOnce = (onEnded: Set<() => void>) => Promise<ExecutionResult>;

/**
 * The result of a query or mutation in the form of a stream. graphql-ws ends streams when the client sends `complete` or the socket closes, but does
 * not abort a pending promise. A class, because a generator function per operation would be retained until the next full collection.
 */
export class SingleResult implements AsyncIterableIterator<ExecutionResult, void, void> {
  readonly #run: RunOnce;
  readonly #onUnused: () => void;
  readonly #onEnded = new Set<() => void>();
  #state: "waiting" | "started" | "ended" = "waiting";

  /** @param onUnused called instead of `run` if the client no longer waits before the operation starts */
  constructor(run: RunOnce, onUnused: () => void) {
    this.#run = run;
    this.#onUnused = onUnused;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    if (this.#state !== "waiting") return { done: true, value: undefined };
    this.#state = "started";
    const value = await this.#run(this.#onEnded);
    return this.#hasEnded() ? { done: true, value: undefined } : { done: false, value };
  }

  return(): Promise<IteratorResult<ExecutionResult, void>> {
    if (this.#state === "waiting") this.#onUnused();
    this.#state = "ended";
    for (const end of this.#onEnded) end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #hasEnded(): boolean {
    return this.#state === "ended";
  }
}
