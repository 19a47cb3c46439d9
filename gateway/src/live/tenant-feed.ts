import type { EventEnvelope } from "@weft/shared";

/** Reads the log of the feed's tenant: events behind a position, in order, at most `limit`. */
export type ReadLog = (afterPosition: number, limit: number) => Promise<readonly EventEnvelope[]>;

const page = 200;

/**
 * The events of one tenant, each once and in the order of their positions. Messages only hasten it: whenever one is missing, or nothing
 * is heard, it reads the log.
 */
export class TenantFeed {
  readonly #read: ReadLog;
  readonly #listeners = new Set<(event: EventEnvelope) => void>();
  readonly #onError: (error: unknown) => void;
  #position: number;
  /** The highest position that anybody has spoken of. */
  #announced: number;
  #catchingUp: Promise<void> | undefined;

  constructor({ position, read, onError }: { position: number; read: ReadLog; onError: (error: unknown) => void }) {
    this.#position = position;
    this.#announced = position;
    this.#read = read;
    this.#onError = onError;
  }

  /** The position of the last event that went to the listeners. */
  get position(): number {
    return this.#position;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** Every event behind `position`, from now on. The answer ends it. */
  listen(listener: (event: EventEnvelope) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A message with an event. */
  offer(event: EventEnvelope): void {
    if (event.position <= this.#position) return;
    if (event.position === this.#position + 1 && !this.#catchingUp) this.#dispatch(event);
    else this.announce(event.position);
  }

  /** Word that the log reaches to a position. */
  announce(position: number): void {
    this.#announced = Math.max(this.#announced, position);
    if (this.#announced > this.#position) void this.catchUp();
  }

  /** Reads what is behind the position from the log. Never rejects: what could not be read is read at the next call. */
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
      // What was announced while we read may be behind the page that we read.
      if (events.length < page && this.#announced <= this.#position) return;
      // Announced, yet not in the log: the next call looks again.
      if (events.length === 0) return;
    }
  }

  #dispatch(event: EventEnvelope): void {
    this.#position = event.position;
    for (const listener of this.#listeners) listener(event);
  }
}
