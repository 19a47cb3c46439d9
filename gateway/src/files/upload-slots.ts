/** Uploads that a gateway receives at the same time, divided among tenants. */
export interface UploadSlots {
  readonly running: () => number;
  /** Takes a slot for the tenant. Returns a function that gives it back, once; null if the tenant's share is used. */
  take(tenantId: string): (() => void) | null;
}

/** A tenant's share, in relation to the free slots. */
const share = 3;

/**
 * A tenant can have up to three times as many slots as are free. Alone, it gets three quarters of all, and the others still find some; the more tenants
 * upload, the smaller each share becomes. Nothing is reserved for tenants that do not upload.
 */
export function uploadSlots(limit: number): UploadSlots {
  const byTenant = new Map<string, number>();
  let running = 0;
  return {
    running: () => running,
    take: (tenantId) => {
      const own = byTenant.get(tenantId) ?? 0;
      if (own >= share * (limit - running)) return null;
      byTenant.set(tenantId, own + 1);
      running++;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        running--;
        const left = (byTenant.get(tenantId) ?? 1) - 1;
        if (left === 0) byTenant.delete(tenantId);
        else byTenant.set(tenantId, left);
      };
    },
  };
}
