import type { EmitAllowance } from "@weft/engine";
import type { Config } from "@weft/platform/config";
import { type Counter, PUBLISHED_EVENTS } from "@weft/api/limits";

/** More tenants than emit events within a minute. */
const MAX_TENANTS = 10_000;
/** A minute begins with the first event. */
const MINUTE_MS = 60_000;

export interface EmitAllowances {
  /** What steps of the tenant can still emit, as far as this process knows. */
  of(tenantId: string): EmitAllowance;
  /** Counts what they have emitted, after the commit. */
  count(tenantId: string, events: number): Promise<void>;
}

interface Options {
  readonly counters: { counter(name: string): Pick<Counter, "consume"> };
  readonly limits: Pick<Config["limits"], "publishedEventsPerMinute">;
  /** Milliseconds. */
  readonly now?: () => number;
}

/**
 * The limit of published events per minute, for steps. A transaction must not wait for the counter, so it learns of what others have used only after it has
 * emitted something: it can exceed the limit once. After that, nothing is emitted until the minute ends, and steps wait for that.
 */
export function emitAllowances({ counters, limits, now = Date.now }: Options): EmitAllowances {
  const counter = counters.counter(PUBLISHED_EVENTS);
  const known = new Map<string, { readonly left: number; readonly until: number }>();
  const allowed = limits.publishedEventsPerMinute;
  const reason = `Your organization exceeded the limit of ${allowed} published events per minute. The step waits for the next minute.`;
  return {
    of: (tenantId) => {
      const at = now();
      const last = known.get(tenantId);
      const { left, until } = last && last.until > at ? last : { left: allowed, until: at + MINUTE_MS };
      return { left, until: new Date(until).toISOString(), reason };
    },
    count: async (tenantId, events) => {
      if (events === 0) return;
      const { consumedPoints, msBeforeNext } = await counter.consume(tenantId, events);
      if (known.size >= MAX_TENANTS) known.clear();
      known.set(tenantId, { left: Math.max(0, allowed - consumedPoints), until: now() + msBeforeNext });
    },
  };
}
