const MAX_TRUSTED = 1_000;

/**
 * Tracks which operations a process can run safely. Until it has completed some items of an operation, attempts are counted so that the next process
 * knows which items crashed this one. While an attempt is not known to have ended, no other such attempt runs concurrently, so a crash is counted
 * only for the item that caused it.
 */
export class Care {
  readonly #trusted = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  isTrusted(operationId: string): boolean {
    return this.#trusted.has(operationId);
  }

  trust(operationId: string): void {
    // Most of them ended long ago. For the others, attempts are counted again for a while.
    if (this.#trusted.size >= MAX_TRUSTED) this.#trusted.clear();
    this.#trusted.add(operationId);
  }

  forget(operationId: string): void {
    this.#trusted.delete(operationId);
  }

  /** Runs after all previous exclusive runs, whether or not they succeeded. */
  alone<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
