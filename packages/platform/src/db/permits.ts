import { ServiceUnavailable, ShareUsed } from "@weft/shared/errors";
import { FairSemaphore } from "../fairness/fair-semaphore.js";

/** Key for work without a tenant: logins, viewers, the relay. */
const nobody = "";

/** Maximum number of waiting callers per tenant. More would only wait longer before they are rejected, and use memory meanwhile. */
const maxWaitingPerTenant = 500;

/**
 * As many permits as the pool has connections. The driver's own queue has no limit and no deadline, and it pipelines a `begin` onto a busy
 * connection; with one permit per transaction neither can happen. Permits rotate between tenants, and one tenant never holds the last quarter of
 * them. Slow statements can therefore use up only their own tenant's share, and other tenants still find a connection.
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
        const late = isOwnFault ? "none of the tenant's became free in time" : `none became free in ${waitMs} ms`;
        const cause = reason === "too many wait" ? "too many of the tenant wait for one" : late;
        const error = new Error(`No connection of the pool (${size}): ${cause}; ${waiting} more wait.`);
        // The tenant would not get a connection even if one were free: it is waiting for its own work.
        return isOwnFault && share < size ? new ShareUsed(error) : new ServiceUnavailable("database", error);
      },
    });
  }

  get inUse(): number {
    return this.#places.inUse;
  }

  get waiting(): number {
    return this.#places.waiting;
  }

  /**
   * Takes a permit. Returns `undefined` if one is free now. Rejects if none becomes free in time: with ShareUsed if the tenant holds its full share,
   * otherwise with ServiceUnavailable.
   */
  take(tenantId: string = nobody, waitMs?: number): Promise<void> | undefined {
    return this.#places.take(tenantId, { waitMs });
  }

  release(tenantId: string = nobody): void {
    this.#places.release(tenantId);
  }
}
