import type { Config } from "@weft/platform/config";
import { networkOf } from "@weft/platform/fairness";
import { type Counters, perMinute } from "@weft/api/limits";
import { LRUCache } from "lru-cache";
import type { Anonymous } from "../limits/anonymous.js";

/** Limits how many requests of an address are refused. Genuine messages do not count. */
export interface InboundRefusals {
  /** @throws RateLimited if the address has used up its limit for this minute */
  assertAllowed(address: string, path: string): Promise<void>;
  /** Counts a refused request and the bytes of its body. @throws RateLimited */
  count(address: string, path: string, bytes: number): Promise<void>;
  /** Remembers that a genuine message came from the address. */
  genuine(address: string, path: string): void;
}

const MAX_REMEMBERED = 10_000;
const REMEMBERED_MS = 3_600_000;

/**
 * Refused requests count for their address, like requests without a login. But many senders share addresses: those of GitHub, for example. Somebody whose
 * webhook there is wrong must not use up the limit of all others. An endpoint that has received a genuine message from an address therefore has a limit
 * of its own for that address.
 */
export function inboundRefusals({
  anonymous,
  counters,
  config,
}: {
  readonly anonymous: Pick<Anonymous, "count" | "assertAllowed">;
  readonly counters: Counters;
  readonly config: Config;
}): InboundRefusals {
  const known = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS });
  const allowed = config.limits.anonymousOperationsPerMinute;
  const ofEndpoint = perMinute(
    counters.counter("inbound-refusals"),
    (most) => `More than ${most} requests from your address to this endpoint were refused in this minute.`,
  );
  const keyOf = (address: string, path: string): string => `${networkOf(address)} ${path}`;
  return {
    assertAllowed: (address, path) => {
      const key = keyOf(address, path);
      return known.has(key) ? ofEndpoint({ key, points: 0, allowed }) : anonymous.assertAllowed(address);
    },
    count: (address, path, bytes) => {
      const key = keyOf(address, path);
      return known.has(key) ? ofEndpoint({ key, points: 1, allowed }) : anonymous.count(address, bytes);
    },
    genuine: (address, path) => void known.set(keyOf(address, path), true),
  };
}
