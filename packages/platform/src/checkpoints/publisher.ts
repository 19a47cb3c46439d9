import { pause } from "../leadership/lead.js";
import type { CheckpointDestination } from "./destination.js";
import { keptCheckpoint, type KeptCheckpoint } from "./kept-checkpoint.js";

/** Time that destinations have at the end. */
const LAST_MS = 5_000;
/** Time that a destination has for a batch. */
const BATCH_MS = 60_000;
/** Checkpoints that a destination gets at once. Those that it has kept are not sent again when a later one fails. */
const BATCH = 500;

interface PublisherLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface PublisherOptions {
  readonly destinations: readonly CheckpointDestination[];
  /** Time between two checkpoints of a tenant in a destination. */
  readonly everyMs: number;
  readonly log: PublisherLog;
  /** Called with the number of failed attempts at a destination since the last one that succeeded, at the beginning and after each attempt. */
  readonly onAttempt?: ((attempt: CheckpointAttempt) => void) | undefined;
  readonly now?: () => Date;
}

export interface CheckpointAttempt {
  readonly destination: string;
  readonly failures: number;
}

/**
 * Takes signed heads to where the owner of the database cannot change them: of each tenant, the newest one of each interval. They come from the process that
 * has signed them, and not from the database. What a destination refuses waits for the next interval, unless a newer head of the tenant replaces it.
 */
export class CheckpointPublisher {
  readonly #options: PublisherOptions;
  readonly #pending: readonly PendingCheckpoints[];
  readonly #running: Promise<unknown>;
  readonly #stopping = new AbortController();
  /** Aborted when the process cannot wait any longer. */
  readonly #end = new AbortController();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#pending = options.destinations.map((destination) => new PendingCheckpoints(destination, options));
    // Each at its own pace: a storage that hangs must not stop the others.
    this.#running = Promise.all(this.#pending.map((pending) => this.#run(pending)));
  }

  /** Adds the newest head of a tenant. */
  add(tenantId: string, head: { readonly sequence: number; readonly signature: string }): void {
    const { now = () => new Date() } = this.#options;
    const checkpoint = keptCheckpoint({ tenantId, ...head }, now());
    for (const pending of this.#pending) pending.add(checkpoint);
  }

  /** Takes everything that waits to its destinations now. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending.map((pending) => pending.send(this.#end.signal)));
  }

  /** Ends after a last attempt. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#end.abort(), LAST_MS);
    await this.#running;
    clearTimeout(timer);
    for (const { destination } of this.#pending) destination.close();
  }

  async #run(pending: PendingCheckpoints): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await pause(this.#options.everyMs, this.#stopping.signal);
      await pending.send(this.#end.signal);
    }
    await pending.send(this.#end.signal);
  }
}

/** What waits for a destination, so that one that is down does not stop the others. */
class PendingCheckpoints {
  readonly destination: CheckpointDestination;
  readonly #log: PublisherLog;
  readonly #onAttempt: PublisherOptions["onAttempt"];
  /** The newest head of each tenant that is not kept yet, by organization. */
  readonly #waiting = new Map<string, KeptCheckpoint>();
  #failures = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(destination: CheckpointDestination, { log, onAttempt }: Pick<PublisherOptions, "log" | "onAttempt">) {
    this.destination = destination;
    this.#log = log;
    this.#onAttempt = onAttempt;
    this.#tell();
  }

  add(checkpoint: KeptCheckpoint): void {
    this.#waiting.set(checkpoint.organization, checkpoint);
  }

  send(signal: AbortSignal): Promise<void> {
    this.#sending = this.#sending.then(() => this.#sendAll(signal));
    return this.#sending;
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    const all = [...this.#waiting.values()];
    for (let start = 0; start < all.length; start += BATCH) {
      const batch = all.slice(start, start + BATCH);
      try {
        await this.destination.keep(batch, AbortSignal.any([signal, AbortSignal.timeout(BATCH_MS)]));
      } catch (error) {
        return this.#failed(error);
      }
      // One that was replaced meanwhile waits on.
      for (const kept of batch) if (this.#waiting.get(kept.organization) === kept) this.#waiting.delete(kept.organization);
    }
    if (this.#failures > 0 && all.length > 0) {
      this.#log.info({ destination: this.destination.name, failures: this.#failures }, "audit checkpoints are kept elsewhere again");
      this.#failures = 0;
    }
    this.#tell();
  }

  #tell(): void {
    this.#onAttempt?.({ destination: this.destination.name, failures: this.#failures });
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    this.#tell();
    const facts = { err: error, destination: this.destination.name, failures: this.#failures, waiting: this.#waiting.size };
    this.#log.error(facts, "audit checkpoints could not be kept elsewhere; retrying after the interval");
  }
}
