type Results = { return(value?: undefined): Promise<unknown> };

/**
 * An operation of a stream. Its ID can be used again as soon as it was stopped, while it still ends: what belongs to the operation is kept here, and not
 * by its ID.
 */
export class StreamOperation {
  readonly id: string;
  #results: Results | undefined;
  #isStopped = false;

  constructor(id: string) {
    this.id = id;
  }

  /** Whether nobody waits for its results any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** These are its results. They end at once if it was stopped meanwhile. */
  yields(results: Results): void {
    this.#results = results;
    if (this.#isStopped) void results.return();
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    void this.#results?.return();
  }
}
