/** How many calls of directories are under way, and how long: a directory that does not answer keeps as little as possible of it. */
import { RateLimited } from "@weft/shared/errors";
import { FairSemaphore } from "@weft/platform/fairness";
import { LRUCache } from "lru-cache";
import { ProviderUnusable } from "../identity-providers/provider-unusable.js";

/** Why a directory is asked: somebody logs in, a session is renewed, or an administrator tests the settings. */
export type Purpose = "LOGIN" | "CHECK" | "TEST";

/** Time for everything that one call asks. Together with the wait for a place, below the time that a gateway waits for a subgraph. */
const totalMs: Readonly<Record<Purpose, number>> = { LOGIN: 7_000, CHECK: 3_000, TEST: 7_000 };

/** From then on, a call holds a place for too long. */
const SLOW_MS = 1_500;
const SLOW_FOR_MS = 60_000;
const PLACES = 8;
const PLACES_IF_SLOW = 2;
/** So many failures to answer in a row, of which each took long. */
const FAILURES = 3;
const SILENT_FOR_MS = 15_000;

/** Tenants that have waited for their directories a short time ago, whether these answered in the end or not. */
const slow = new LRUCache<string, true>({ max: 10_000, ttl: SLOW_FOR_MS });

/**
 * A place costs little more than a socket, so there are many. Each tenant has a few, and fewer while its directories are slow: all together, dozens of tenants
 * would have to hold theirs before anybody else waits.
 */
const placesOf = () =>
  new FairSemaphore({
    size: 256,
    perKey: (tenantId) => (slow.has(tenantId) ? PLACES_IF_SLOW : PLACES),
    maxWaitingPerKey: 50,
    waitMs: 2_000,
    refusal: () => new RateLimited({ retryAfter: 5 }, "Too many logins wait for the directory."),
  });

const logins = placesOf();
/** Checks of sessions have places of their own, so that logins cannot keep anybody from finding out that a user has left. */
const places: Readonly<Record<Purpose, FairSemaphore>> = { LOGIN: logins, TEST: logins, CHECK: placesOf() };

/** How often a directory did not answer in a row. It is forgotten after a while, so that the next call finds out. */
const failures = new LRUCache<string, number>({ max: 10_000, ttl: SILENT_FOR_MS });

interface Call {
  readonly tenantId: string;
  readonly url: string;
  readonly purpose: Purpose;
}

/**
 * Runs a call of a directory in a place of its tenant. A directory that has not answered several times in a row is not asked for some seconds.
 * @param run gets a signal that ends it
 * @throws ProviderUnusable (not asked), RateLimited (no place), and what the call throws
 */
export async function inPlace<T>({ tenantId, url, purpose }: Call, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const directory = `${tenantId} ${url}`;
  // Those who test the settings have perhaps just mended the server.
  const assertAnswers = (): void => {
    if (purpose !== "TEST" && (failures.get(directory) ?? 0) >= FAILURES)
      throw new ProviderUnusable("The directory did not answer several times in a row, and is asked again in a few seconds.");
  };
  assertAnswers();
  return places[purpose].run(tenantId, async () => {
    // Those who waited for a place meanwhile.
    assertAnswers();
    const started = performance.now();
    const isSlow = (): boolean => performance.now() - started >= SLOW_MS;
    try {
      const result = await run(AbortSignal.timeout(totalMs[purpose]));
      failures.delete(directory);
      return result;
    } catch (error) {
      if (isSlow()) failures.set(directory, (failures.get(directory) ?? 0) + 1);
      throw error;
    } finally {
      if (isSlow()) slow.set(tenantId, true);
    }
  });
}
