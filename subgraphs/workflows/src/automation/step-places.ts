/** The places of a worker: how many steps it does at the same time, in all and for each tenant. */
export interface StepPlaces {
  /** Remembers the tenants that wait for a place. */
  wait(tenants: readonly string[]): void;
  /** Whether steps of the tenant wait for a place, as far as that is known. */
  isWaiting(tenantId: string): boolean;
  /** Notes that a search with so many places has found nothing more of the tenant. Without a place, it has not looked at what could begin. */
  served(tenantId: string, room: number): void;
  /** Whether the tenant could occupy a place. */
  hasRoom(tenantId: string): boolean;
  /** Occupies up to `wanted` places for the tenant, as many as its share leaves. Returns their number. */
  enter(tenantId: string, wanted: number): number;
  /** Notes that steps of the tenant wait for a place. */
  want(tenantId: string): void;
  /** Whether steps wait for a place. */
  isWanted(): boolean;
  /** Frees places of the tenant. Returns whether steps have waited for a place since one was freed. */
  leave(tenantId: string, count?: number): boolean;
}

/**
 * Divides the places of a worker among the tenants that have steps at work or waiting. A tenant that is alone has at most `maxOfTenant`, so that
 * others find room although its steps take long; of several, each has at most its equal share of all.
 */
export function stepPlaces({ max, maxOfTenant }: { readonly max: number; readonly maxOfTenant: number }): StepPlaces {
  const occupied = new Map<string, number>();
  let waiting = new Set<string>();
  let total = 0;
  let isWanted = false;
  const shareOf = (tenantId: string): number => {
    const tenants = new Set([...waiting, ...occupied.keys(), tenantId]).size;
    return Math.min(maxOfTenant, Math.max(1, Math.floor(max / tenants)));
  };
  const roomOf = (tenantId: string): number => Math.min(max - total, shareOf(tenantId) - (occupied.get(tenantId) ?? 0));
  return {
    wait: (tenants) => void (waiting = new Set(tenants)),
    isWaiting: (tenantId) => waiting.has(tenantId),
    served: (tenantId, room) => {
      if (room > 0) waiting.delete(tenantId);
    },
    hasRoom: (tenantId) => roomOf(tenantId) > 0,
    enter: (tenantId, wanted) => {
      const count = Math.max(0, Math.min(wanted, roomOf(tenantId)));
      if (count > 0) occupied.set(tenantId, (occupied.get(tenantId) ?? 0) + count);
      total += count;
      return count;
    },
    want: (tenantId) => {
      isWanted = true;
      waiting.add(tenantId);
    },
    isWanted: () => isWanted,
    leave: (tenantId, count = 1) => {
      const own = (occupied.get(tenantId) ?? 0) - count;
      if (own > 0) occupied.set(tenantId, own);
      else occupied.delete(tenantId);
      total -= count;
      const wasWanted = isWanted && count > 0;
      if (wasWanted) isWanted = false;
      return wasWanted;
    },
  };
}
