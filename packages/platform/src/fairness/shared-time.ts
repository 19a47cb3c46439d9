/** Divides the time of a process among the operations that run in it at the same time: while `n` run, each uses `1/n` of the time. */
export class SharedTime {
  readonly #clock: () => number;
  #running = 0;
  /** What an operation that has always been running would have used. */
  #usedByOneMs = 0;
  #changedAt: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#changedAt = clock();
  }

  /** Counts an operation that begins. Returns a function that counts its end, and returns the time that it has used. */
  begin(): () => number {
    const before = this.#change(1);
    return () => this.#change(-1) - before;
  }

  #change(change: 1 | -1): number {
    const now = this.#clock();
    if (this.#running > 0) this.#usedByOneMs += (now - this.#changedAt) / this.#running;
    this.#changedAt = now;
    this.#running += change;
    return this.#usedByOneMs;
  }
}
