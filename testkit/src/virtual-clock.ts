interface Due {
  readonly at: number;
  readonly work: () => void;
}

/** A clock that passes only when a test says so. Code under test gets it as an argument. */
export class VirtualClock {
  #now = 0;
  readonly #due = new Set<Due>();

  now = (): number => this.#now;

  after = (ms: number, work: () => void): (() => void) => {
    const due = { at: this.#now + ms, work };
    this.#due.add(due);
    return () => void this.#due.delete(due);
  };

  /** Number of timers that are set. */
  get timers(): number {
    return this.#due.size;
  }

  /** Lets time pass. What becomes due happens at its time and in its order, also if it is set meanwhile. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
    }
    this.#now = end;
  }

  #nextUntil(end: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) if (due.at <= end && (!first || due.at < first.at)) first = due;
    return first;
  }
}
