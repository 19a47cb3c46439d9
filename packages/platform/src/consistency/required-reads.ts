/**
 * Which state of tenants the caches of this process must have, because somebody has seen a newer one elsewhere. Clocks are compared only within the
 * process: a cache entry that was asked for after a position had become known was read after it.
 */
import { LRUCache } from "lru-cache";
import { type DatabasePosition, includes } from "./position.js";

interface Required {
  readonly position: DatabasePosition;
  /** When it became known, by `performance.now()`. */
  readonly at: number;
}

/** The newest positions of tenants. */
const required = new LRUCache<string, Required>({
  max: 20_000,
  dispose: ({ at }, _tenantId, reason) => {
    if (reason === "evict") evictedAt = Math.max(evictedAt, at);
  },
});
/** Everything before this time may be too old for a tenant whose position was forgotten. */
let evictedAt = -Infinity;

/**
 * Requires that this process uses nothing of a tenant that it has read before the position was reached. Call it when the database has reached it.
 * @returns the time, by `performance.now()`, from which on reads include the position. Requiring the same or an older position again changes nothing
 */
export function requireReads(tenantId: string, position: DatabasePosition): number {
  const known = required.get(tenantId);
  if (known && includes(known.position, position)) return known.at;
  const at = performance.now();
  required.set(tenantId, { position, at });
  return at;
}

/** Returns the time, by `performance.now()`, at which an entry of a cache must have been asked for at the earliest. Before any token: always. */
export const readsRequiredSince = (tenantId: string): number => required.get(tenantId)?.at ?? evictedAt;

/** Returns the newest required position of a tenant. Undefined if there is none. */
export const requiredPosition = (tenantId: string): DatabasePosition | undefined => required.get(tenantId)?.position;
