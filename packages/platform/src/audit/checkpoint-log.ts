/** Minimum interval between log entries for a tenant's checkpoints. */
const EVERY_MS = 60_000;

/** Writes the newest checkpoint of each tenant to the log: the first one immediately, later ones at most once a minute, and the last one always. */
export class CheckpointLog {
  readonly #log: { info(facts: object, message: string): void };
  readonly #now: () => number;
  /** The newest checkpoint that has not been logged, by tenant. */
  readonly #untold = new Map<string, string>();
  readonly #toldAt = new Map<string, number>();

  /** @param now time in milliseconds, with any origin */
  constructor(log: { info(facts: object, message: string): void }, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /**
   * Adds a checkpoint to be logged.
   * @param checkpoint the signed head, a compact JWS
   */
  add(tenantId: string, checkpoint: string): void {
    this.#untold.set(tenantId, checkpoint);
  }

  /** Logs the checkpoints whose interval has passed. */
  tell(): void {
    const now = this.#now();
    for (const [tenantId, at] of this.#toldAt) if (now - at >= EVERY_MS) this.#toldAt.delete(tenantId);
    for (const tenantId of this.#untold.keys()) if (!this.#toldAt.has(tenantId)) this.#tell(tenantId, now);
  }

  /** Logs all remaining checkpoints immediately, because there may be no later chance. */
  tellAll(): void {
    for (const tenantId of this.#untold.keys()) this.#tell(tenantId, this.#now());
  }

  #tell(tenantId: string, now: number): void {
    this.#log.info({ tenantId, checkpoint: this.#untold.get(tenantId) }, "audit checkpoint");
    this.#untold.delete(tenantId);
    this.#toldAt.set(tenantId, now);
  }
}
