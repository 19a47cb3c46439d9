import type { EventEnvelope } from "@weft/shared/event-catalog";

/** Reads the log of the feed's tenant: events after a position, in order, at most `limit`. */
export type ReadLog = (afterPosition: number, limit: number) => Promise<readonly EventEnvelope[]>;

const page = 200;

/**
 * The events of one tenant, each once and in the order of their positions. Messages only speed up delivery. If one is missing, or none arrive, the
 * log is read.
 */
export class TenantFeed {
  readonly #read: ReadLog;
  readonly #listeners = new Set<(event: EventEnvelope) => void>();
  readonly #onError: (error: unknown) => void;
  #position: number;
  /** The highest announced position. */
  #announced: number;
  #catchingUp: Promise<void> | undefined;

  constructor({ position, read, onError }: { position: number; read: ReadLog; onError: (error: unknown) => void }) {
    this.#position = position;
    this.#announced = position;
    this.#read = read;
    this.#onError = onError;
  }

  /** The position of the last event passed to the listeners. */
  get position(): number {
    return this.#position;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls the listener with every event after `position`, from now on. The returned function ends this. */
  listen(listener: (event: EventEnvelope) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Handles a message with an event. */
  offer(event: EventEnvelope): void {
    if (event.position <= this.#position) return;
    if (event.position === this.#position + 1 && !this.#catchingUp) this.#dispatch(event);
    else this.announce(event.position);
  }

  /** Passes on a signal, which is no event of the log. */
  pass(signal: EventEnvelope): void {
    for (const listener of this.#listeners) listener(signal);
  }

  /** Handles an announcement that the log reaches a position. */
  announce(position: number): void {
    this.#announced = Math.max(this.#announced, position);
    if (this.#announced > this.#position) void this.catchUp();
  }

  /** Reads the events after the position from the log. Never rejects: after a failure, the next call reads them. */
  catchUp(): Promise<void> {
    this.#catchingUp ??= this.#readOn()
      .catch(this.#onError)
      .finally(() => (this.#catchingUp = undefined));
    return this.#catchingUp;
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const events = await this.#read(this.#position, page);
      for (const event of events) {
        if (event.position > this.#position) this.#dispatch(event);
      }
      // Positions announced during the read can be after the page that was read.
      if (events.length < page && this.#announced <= this.#position) return;
      // Announced, but not in the log yet. The next call reads it again.
      if (events.length === 0) return;
    }
  }

  #dispatch(event: EventEnvelope): void {
    this.#position = event.position;
    for (const listener of this.#listeners) listener(event);
  }
}
