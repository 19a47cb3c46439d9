import { ServiceUnavailable, ShareUsed } from "../errors/errors.js";
import { FairSemaphore } from "../fairness/fair-semaphore.js";

/** Work of no tenant: logins, viewers, the relay. */
const nobody = "";

/** More that wait of one tenant only stand longer in the queue before they are refused, and fill memory meanwhile. */
const maxWaitingPerTenant = 500;

/**
 * As many permits as the pool has connections. The driver's own queue has no end and no deadline, and it pipelines a `begin` onto a busy
 * connection; with a permit per transaction it never comes to either. Permits go from tenant to tenant, and one tenant never holds the last quarter of them: its slow
 * statements may fill its own share for as long as they last, and the neighbours find a connection.
 */
export class Permits {
  readonly #places: FairSemaphore;

  constructor(size: number, waitMs: number) {
    const share = size - Math.floor(size / 4);
    this.#places = new FairSemaphore({
      size,
      perKey: (tenantId) => (tenantId === nobody ? size : share),
      maxWaitingPerKey: maxWaitingPerTenant,
      waitMs,
      refusal: ({ reason, isOwnFault, waiting }) => {
        const cause = reason === "too many wait" ? "too many of the tenant wait for one" : `none became free in ${waitMs} ms`;
        const told = new Error(`No connection of the pool (${size}): ${cause}; ${waiting} more wait.`);
        // It would not get one if one were free: what the tenant waits for is its own work.
        return isOwnFault && share < size ? new ShareUsed(told) : new ServiceUnavailable("database", told);
      },
    });
  }

  get inUse(): number {
    return this.#places.inUse;
  }

  get waiting(): number {
    return this.#places.waiting;
  }

  /** Rejects when none becomes free in time: with ShareUsed where the tenant holds all that it may, else with ServiceUnavailable. `undefined` when one is free now. */
  take(tenantId: string = nobody, waitMs?: number): Promise<void> | undefined {
    return this.#places.take(tenantId, { waitMs });
  }

  release(tenantId: string = nobody): void {
    this.#places.release(tenantId);
  }
}
