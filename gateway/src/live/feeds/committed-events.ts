import { asTenant, type Database } from "@weft/platform/db";
import { findCommittedEvents } from "@weft/platform/events";

/** Number of events without a position from which the relay is too far behind to remember them. */
const maxUnnumbered = 1_000;
/** Time for which a relay that was too far behind is not looked at again. */
const farBehindMs = 1_000;

/** The events of a tenant that were committed at a moment. Those who ask at the same time share one. */
export interface CommittedEvents {
  /** Their last position. */
  readonly position: number;
  /** IDs of those that had none yet. */
  readonly unnumbered: ReadonlySet<string>;
}

interface Reading {
  readonly events: Promise<CommittedEvents | null>;
  /** Whether the statement was sent. Those who ask from then on need another one. */
  hasBegun: boolean;
}

/** Reads which events of tenants are committed, however many ask: per tenant, one statement at a time. */
export class CommittedEventsReader {
  readonly #database: Database;
  readonly #readings = new Map<string, Reading>();
  /** Until when tenants count as too far behind, by `performance.now()`. */
  readonly #farBehind = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Returns the events of a tenant that are committed now or a moment later. Null if more of them than can be remembered have no position: the relay does not
   * run, or is far behind.
   * @throws ServiceUnavailable
   */
  async read(tenantId: string): Promise<CommittedEvents | null> {
    if ((this.#farBehind.get(tenantId) ?? 0) > performance.now()) return null;
    this.#farBehind.delete(tenantId);
    const current = this.#readings.get(tenantId);
    if (current && !current.hasBegun) return current.events;
    const begins = (): void => void (reading.hasBegun = true);
    const reading: Reading = { events: this.#readAfter(current, tenantId, begins), hasBegun: false };
    this.#readings.set(tenantId, reading);
    const forget = (): void => {
      if (this.#readings.get(tenantId) === reading) this.#readings.delete(tenantId);
    };
    reading.events.then(forget, forget);
    return reading.events;
  }

  async #readAfter(current: Reading | undefined, tenantId: string, begins: () => void): Promise<CommittedEvents | null> {
    // Always a turn later, so that those who ask in the same turn share it.
    await current?.events.catch(() => undefined);
    await Promise.resolve();
    begins();
    const { head, unnumbered } = await asTenant(this.#database, { tenantId }, "read", (tx) => findCommittedEvents(tx, maxUnnumbered));
    if (unnumbered.length < maxUnnumbered) return { position: head, unnumbered: new Set(unnumbered) };
    this.#farBehind.set(tenantId, performance.now() + farBehindMs);
    return null;
  }
}
