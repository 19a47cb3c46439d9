export interface AvailabilityOptions {
  /** Asks the subgraph for its health, on a connection that operations do not share; false when it does not answer in time. */
  readonly probe: () => Promise<boolean>;
  /** Lost or refused connections in a row that take it for down. */
  readonly failures?: number;
  /** Probes in a row without an answer that take it for down. */
  readonly silences?: number;
  /** Between two probes. */
  readonly probeEveryMs?: number;
}

/**
 * Whether a subgraph can be reached: while it cannot, calls are refused at once, in place of each waiting for its timeout. Only what says something about the subgraph
 * counts: connections that are refused or lost, and probes of its health that nobody answers. An operation that takes too long says something about that operation, and
 * its tenant alone pays for it; it is a reason to probe, no more. While the subgraph is down probes go on, so that nobody's operation has to try.
 */
export class Availability {
  readonly #options: Required<AvailabilityOptions>;
  #failures = 0;
  #isDown = false;
  #isProbing = false;
  #isClosed = false;

  constructor({ failures = 5, silences = 3, probeEveryMs = 500, probe }: AvailabilityOptions) {
    this.#options = { failures, silences, probeEveryMs, probe };
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** It answered. */
  answered(): void {
    this.#failures = 0;
    this.#isDown = false;
  }

  /** A connection was refused, was lost, or could not be made in time. */
  unreachable(): void {
    if (++this.#failures < this.#options.failures) return;
    this.#isDown = true;
    this.suspect();
  }

  /** Something took long, or was no answer: probes until one is answered. One series at a time. */
  suspect(): void {
    if (this.#isProbing || this.#isClosed) return;
    this.#isProbing = true;
    void this.#probeUntilAnswered().finally(() => (this.#isProbing = false));
  }

  close(): void {
    this.#isClosed = true;
  }

  async #probeUntilAnswered(): Promise<void> {
    for (let silences = 0; !this.#isClosed;) {
      if (await this.#options.probe()) return this.answered();
      if (++silences >= this.#options.silences) this.#isDown = true;
      await new Promise((resolve) => setTimeout(resolve, this.#options.probeEveryMs).unref());
    }
  }
}
