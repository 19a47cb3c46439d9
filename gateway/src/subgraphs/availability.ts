import { setTimeout as sleep } from "node:timers/promises";
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
import type { CircuitBreakerPolicy } from "cockatiel";

export interface AvailabilityOptions {
  /** Checks the subgraph's health on a connection that operations do not share. False if it does not answer in time. */
  readonly probe: () => Promise<boolean>;
  /** Whether an error of a call means that the subgraph cannot be reached. Other errors are not counted. */
  readonly isUnreachable: (error: unknown) => boolean;
  /** Consecutive lost or refused connections that open the circuit. */
  readonly failures?: number;
  /** Consecutive unanswered probes that open the circuit. */
  readonly silences?: number;
  /** Time between two probes. */
  readonly probeEveryMs?: number;
}

/**
 * The circuit breaker of a subgraph. While the circuit is open, calls are refused immediately instead of each waiting for its timeout. Only evidence
 * about the subgraph itself counts: refused or lost connections, and health probes without an answer. A slow operation is not such evidence: it fails
 * only for its tenant, and triggers a probe. While the circuit is open, probes continue and close it, so that no user's operation serves as the trial
 * call.
 */
export class Availability {
  readonly #options: AvailabilityOptions & { readonly silences: number; readonly probeEveryMs: number };
  readonly #failures: ConsecutiveBreaker;
  readonly #circuit: CircuitBreakerPolicy;
  readonly #closing = new AbortController();
  #heldOpen: { readonly dispose: () => void } | null = null;
  #isProbing = false;

  constructor(options: AvailabilityOptions) {
    const { failures = 5, silences = 3, probeEveryMs = 500 } = options;
    this.#options = { ...options, silences, probeEveryMs };
    this.#failures = new ConsecutiveBreaker(failures);
    this.#circuit = circuitBreaker(handleWhen(options.isUnreachable), { breaker: this.#failures, halfOpenAfter: probeEveryMs });
    this.#circuit.onBreak((reason) => {
      if ("isolated" in reason) return;
      this.#open();
      this.suspect();
    });
  }

  get isDown(): boolean {
    return this.#circuit.state !== CircuitState.Closed;
  }

  /** Runs a call and counts its outcome. @throws BrokenCircuitError while the circuit is open */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const result = await this.#circuit.execute(call);
    this.answered();
    return result;
  }

  /** The subgraph answered: closes the circuit. */
  answered(): void {
    this.#failures.success();
    this.#heldOpen?.dispose();
    this.#heldOpen = null;
  }

  /** A call was slow, or its response unusable: sends probes until one is answered. At most one series runs at a time. */
  suspect(): void {
    if (this.#isProbing || this.#closing.signal.aborted) return;
    this.#isProbing = true;
    void this.#probeUntilAnswered().finally(() => (this.#isProbing = false));
  }

  close(): void {
    this.#closing.abort();
  }

  /** Controlled manually, because the library's own half-open state uses a user's call as the trial, and reads the wall clock, which can be set back. */
  #open(): void {
    this.#heldOpen ??= this.#circuit.isolate();
  }

  async #probeUntilAnswered(): Promise<void> {
    const { probe, silences, probeEveryMs } = this.#options;
    const { signal } = this.#closing;
    for (let unanswered = 1; !signal.aborted; unanswered++) {
      if (await probe()) return this.answered();
      if (unanswered >= silences) this.#open();
      await sleep(probeEveryMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }
}
