/** The places of a worker: how many steps it does at the same time, in all and for each tenant. */
export interface StepPlaces {
  /** Remembers the tenants that wait for a place. */
  wait(tenants: readonly string[]): void;
  /** Occupies up to `wanted` places for the tenant, as many as its share leaves. Returns their number. */
  enter(tenantId: string, wanted: number): number;
  /** Frees places of the tenant. */
  leave(tenantId: string, count?: number): void;
}

/**
 * Divides the places of a worker among the tenants that have steps at work or waiting. A tenant that is alone has at most `maxOfTenant`, so that
 * others find room although its steps take long; of several, each has at most its equal share of all.
 */
export function stepPlaces({ max, maxOfTenant }: { readonly max: number; readonly maxOfTenant: number }): StepPlaces {
  const occupied = new Map<string, number>();
  let waiting: ReadonlySet<string> = new Set();
  let total = 0;
  const shareOf = (tenantId: string): number => {
    const tenants = new Set([...waiting, ...occupied.keys(), tenantId]).size;
    return Math.min(maxOfTenant, Math.max(1, Math.floor(max / tenants)));
  };
  return {
    wait: (tenants) => void (waiting = new Set(tenants)),
    enter: (tenantId, wanted) => {
      const own = occupied.get(tenantId) ?? 0;
      const count = Math.max(0, Math.min(wanted, max - total, shareOf(tenantId) - own));
      if (count > 0) occupied.set(tenantId, own + count);
      total += count;
      return count;
    },
    leave: (tenantId, count = 1) => {
      const own = (occupied.get(tenantId) ?? 0) - count;
      if (own > 0) occupied.set(tenantId, own);
      else occupied.delete(tenantId);
      total -= count;
    },
  };
}
