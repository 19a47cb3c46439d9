const MAX_TRUSTED = 1_000;

/**
 * Which operations a process knows to go well. Until it has done some items of one, tries are counted, so that the next process knows of those that
 * killed this one; and where a try is not known to have ended, nothing else of the kind is tried beside it, so that what dies is counted and no bystander.
 */
export class Care {
  readonly #trusted = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  isTrusted(operationId: string): boolean {
    return this.#trusted.has(operationId);
  }

  trust(operationId: string): void {
    // Most of them have ended long ago; of the others tries are counted again for a while.
    if (this.#trusted.size >= MAX_TRUSTED) this.#trusted.clear();
    this.#trusted.add(operationId);
  }

  forget(operationId: string): void {
    this.#trusted.delete(operationId);
  }

  /** Runs after whatever else was to be alone, whether that went well or not. */
  alone<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
