/**
 * Keeps a subgraph that is down from costing every request a timeout. After `failures` in a row it refuses at once; after `restMs` it
 * lets a single call through to try, and closes again when that one succeeds.
 */
export class CircuitBreaker {
  readonly #failuresToOpen: number;
  readonly #restMs: number;
  readonly #now: () => number;
  #failures = 0;
  #openedAt = 0;
  #isTrying = false;

  constructor({
    failures = 5,
    restMs = 1_000,
    now = () => performance.now(),
  }: { failures?: number; restMs?: number; now?: () => number } = {}) {
    this.#failuresToOpen = failures;
    this.#restMs = restMs;
    this.#now = now;
  }

  /** Asks for permission to call; whoever has it must report `succeeded`, `failed` or `released`. */
  mayCall(): boolean {
    if (this.#failures < this.#failuresToOpen) return true;
    if (this.#isTrying || this.#now() - this.#openedAt < this.#restMs) return false;
    this.#isTrying = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isTrying = false;
  }

  failed(): void {
    this.#failures++;
    this.#isTrying = false;
    if (this.#failures >= this.#failuresToOpen) this.#openedAt = this.#now();
  }

  /** The call ended without saying anything about the subgraph. */
  released(): void {
    this.#isTrying = false;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#failuresToOpen;
  }
}
