/** Limits how many runs begin because messages name them. The rest is found by a search, as what is due is in general. */
export interface NamedRuns {
  /** Whether another run of the tenant can begin now. It is then counted until it leaves. */
  enter(tenantId: string): boolean;
  leave(tenantId: string): void;
}

/** All workers receive each message, and each tenant needs a connection, which the API of the process uses as well. */
export function namedRuns({ maxTenants, maxOfTenant }: { readonly maxTenants: number; readonly maxOfTenant: number }): NamedRuns {
  const beginning = new Map<string, number>();
  return {
    enter: (tenantId) => {
      const own = beginning.get(tenantId) ?? 0;
      if (own >= maxOfTenant || (own === 0 && beginning.size >= maxTenants)) return false;
      beginning.set(tenantId, own + 1);
      return true;
    },
    leave: (tenantId) => {
      const own = (beginning.get(tenantId) ?? 0) - 1;
      if (own > 0) beginning.set(tenantId, own);
      else beginning.delete(tenantId);
    },
  };
}
