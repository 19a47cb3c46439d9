/**
 * A bounded queue between the feed, which never waits, and a subscriber, which takes its time. When it overflows it says so once, drops
 * everything and ends: the subscriber comes back with its cursor and reads from the log.
 */
export class EventQueue<T> {
  readonly #items: T[] = [];
  readonly #max: number;
  readonly #onOverflow: () => void;
  #wake: (() => void) | undefined;
  #isEnded = false;

  constructor(max: number, onOverflow: () => void) {
    this.#max = max;
    this.#onOverflow = onOverflow;
  }

  push(item: T): void {
    if (this.#isEnded) return;
    if (this.#items.length >= this.#max) {
      this.end();
      this.#onOverflow();
      return;
    }
    this.#items.push(item);
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#items.length = 0;
    this.#wake?.();
  }

  /** The next item, as soon as there is one; undefined after the end. One reader at a time. */
  async next(): Promise<T | undefined> {
    for (;;) {
      if (this.#isEnded) return undefined;
      const item = this.#items.shift();
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }
}
