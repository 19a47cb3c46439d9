import { contained } from "@weft/platform/logging";

/** Proxies close connections on which nothing happens for a minute. */
export const heartbeatMs = 10_000;

/** At most this many groups of streams, each with a time of its own, so that not all are written to at once. */
const groupCount = 50;

/** Calls a function of each open stream at intervals. One timer serves all of them. */
export class Heartbeats {
  readonly #groups: readonly Set<() => void>[] = Array.from({ length: groupCount }, () => new Set<() => void>());
  readonly #timer: NodeJS.Timeout;
  #added = 0;
  #turn = 0;

  /** @param everyMs time between two calls of a function */
  constructor(everyMs: number = heartbeatMs) {
    this.#timer = setInterval(
      contained("the heartbeats of streams", () => this.#next()),
      everyMs / groupCount,
    ).unref();
  }

  /** @returns a function that ends the calls */
  add(beat: () => void): () => void {
    const group = this.#groups[this.#added++ % groupCount];
    group?.add(beat);
    return () => void group?.delete(beat);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #next(): void {
    for (const beat of this.#groups[this.#turn++ % groupCount] ?? []) beat();
  }
}
