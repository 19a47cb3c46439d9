import type { Config } from "@weft/platform/config";
import { networkOf } from "@weft/platform/fairness";
import { RateLimited } from "@weft/shared/errors";
import type { Charge, Taken, Windows, WindowUse } from "@weft/api/limits";
import { LRUCache } from "lru-cache";

/** A request without a login, and what it has taken from the limits of its address. */
export interface CountedRequest {
  readonly network: string;
  readonly taken: readonly Taken[];
  /** On the clock of `CountedRequestsOptions`. */
  readonly begunAt: number;
}

/**
 * Counts requests without a login, and their bytes, per minute and address. For IPv6, per network.
 *
 * A request counts from its beginning, so that however many guesses arrive at once, no more of them than the limit are tried in a minute. But a thousand
 * people who log in at 9:00 are as many requests under way, of which all will be given back. What is under way is therefore also counted on its own, only
 * to know for how long an address has no room: until the minute ends if too many have failed, and otherwise as long as requests take at present.
 */
export interface CountedRequests {
  /**
   * Counts a request before anything is done for it. One that is refused takes nothing.
   * @throws RateLimited if the address has no room for it
   */
  begin(address: string, bytes: number): Promise<CountedRequest>;
  /**
   * Counts a request that has failed, also beyond the limit: what was done for it is done.
   * @throws RateLimited if the address has used more than its limit
   */
  count(address: string, bytes: number): Promise<void>;
  /** @throws RateLimited if the address has no room for another request */
  assertRoom(address: string): Promise<void>;
  /** The request was answered, or its client is gone. What it has taken and not got back counts as failed from now on. */
  ended(request: CountedRequest): Promise<void>;
  /** Gives back the bytes of a request, and a number of requests that led to its success, unless the minute has ended. */
  giveBack(request: CountedRequest, requests: number): Promise<void>;
}

export interface CountedRequestsOptions {
  readonly windows: Windows;
  readonly limits: Pick<Config["limits"], "anonymousOperationsPerMinute" | "anonymousBytesPerMinute">;
  /** A clock in milliseconds that never goes back. */
  readonly now?: () => number;
}

const MINUTE_MS = 60_000;

/** How long an address without room is refused without asking again. Points can be given back in the meantime. */
const knownForMs = 1_000;

const [OPERATIONS, BYTES] = ["anonymous-operations", "anonymous-bytes"] as const;
const nouns = { [OPERATIONS]: "requests", [BYTES]: "bytes" } as const;

/** A limit of an address that a request exceeds. */
interface Exceeded {
  readonly what: (typeof nouns)[keyof typeof nouns];
  readonly allowed: number;
  /** Whether the address would have room if nothing were under way. */
  readonly isUnderWay: boolean;
  readonly endsInMs: number;
}

/** Weight of the last request in the time that requests take. */
const newest = 0.1;

export function countedRequests({ windows, limits, now = () => performance.now() }: CountedRequestsOptions): CountedRequests {
  const full = new LRUCache<string, { readonly exceeded: Exceeded; readonly at: number }>({ max: 10_000 });
  /** How long requests without a login take. */
  let typicalMs = 0;

  /** What a request is charged, then the same of what is under way, which has no limit. */
  const chargesOf = (network: string, { requests = 0, bytes = 0, isUnderWay = false }) => {
    const charges = [
      charge(OPERATIONS, { network, points: requests, allowed: limits.anonymousOperationsPerMinute }),
      charge(BYTES, { network, points: bytes, allowed: limits.anonymousBytesPerMinute }),
    ] as const;
    return { charges, underWay: charges.map((each) => underWayOf(each, isUnderWay)) };
  };

  /** Of the limits that are exceeded, the one that lasts longest. */
  function longest(
    charges: readonly AddressCharge[],
    uses: readonly (WindowUse | undefined)[],
    isExceeded: (charge: AddressCharge, used: number) => boolean,
  ): Exceeded | undefined {
    const all = charges.flatMap((each, place): Exceeded[] => {
      const use = uses[place];
      if (!use || !isExceeded(each, use.used)) return [];
      const underWay = uses[charges.length + place]?.used ?? 0;
      const isUnderWay = !isExceeded(each, use.used - underWay);
      const endsInMs = isUnderWay ? Math.min(typicalMs, use.endsInMs) : use.endsInMs;
      return [{ what: nouns[each.scope], allowed: each.allowed, isUnderWay, endsInMs }];
    });
    return all.toSorted((one, other) => other.endsInMs - one.endsInMs)[0];
  }

  function assertNotFull(network: string): void {
    const known = full.get(network);
    const ageMs = now() - (known?.at ?? 0);
    if (known && ageMs < knownForMs) throw refusal({ ...known.exceeded, endsInMs: known.exceeded.endsInMs - ageMs });
  }

  function refuse(network: string, exceeded: Exceeded): never {
    full.set(network, { exceeded, at: now() });
    throw refusal(exceeded);
  }

  return {
    begin: async (address, bytes) => {
      const network = networkOf(address);
      const { charges, underWay } = chargesOf(network, { requests: 1, bytes, isUnderWay: true });
      const { isTaken, taken, uses } = await windows.take([...charges, ...underWay]);
      if (isTaken) return { network, taken, begunAt: now() };
      throw refusal(longest(charges, uses, ({ points, allowed }, used) => used + points > allowed));
    },
    count: async (address, bytes) => {
      const network = networkOf(address);
      assertNotFull(network);
      const { charges, underWay } = chargesOf(network, { requests: 1, bytes });
      const { uses } = await windows.take([...charges.map(withoutLimit), ...underWay]);
      const exceeded = longest(charges, uses, ({ allowed }, used) => used > allowed);
      if (exceeded) refuse(network, exceeded);
    },
    assertRoom: async (address) => {
      const network = networkOf(address);
      assertNotFull(network);
      const { charges, underWay } = chargesOf(network, {});
      const { uses } = await windows.take([...charges, ...underWay]);
      const exceeded = longest(charges, uses, ({ allowed }, used) => used >= allowed);
      if (exceeded) refuse(network, exceeded);
    },
    ended: async ({ taken: [, , ...underWay], begunAt }) => {
      typicalMs += newest * (now() - begunAt - typicalMs);
      await windows.giveBack(underWay);
    },
    giveBack: async ({ taken: [operations, bytes] }, requests) => {
      if (operations && bytes) await windows.giveBack([{ ...operations, points: requests }, bytes]);
    },
  };
}

interface AddressCharge extends Charge {
  readonly scope: keyof typeof nouns;
}

const charge = (
  scope: AddressCharge["scope"],
  { network, points, allowed }: { readonly network: string; readonly points: number; readonly allowed: number },
): AddressCharge => ({ scope, key: `${scope}:${network}`, points, allowed, windowMs: MINUTE_MS });

const withoutLimit = (one: Charge): Charge => ({ ...one, allowed: Number.MAX_SAFE_INTEGER });

const underWayOf = ({ scope, key, points, ...rest }: AddressCharge, isUnderWay: boolean): Charge =>
  withoutLimit({ ...rest, scope: `${scope}-under-way`, key: `under-way:${key}`, points: isUnderWay ? points : 0 });

function refusal(exceeded: Exceeded | undefined): RateLimited {
  if (!exceeded) throw new Error("A request was refused, although it exceeds no limit.");
  const { what, allowed, isUnderWay, endsInMs } = exceeded;
  const retryAfter = Math.max(1, Math.ceil(endsInMs / 1_000));
  const limit = `the limit of ${allowed} ${what} per minute without a login`;
  const reason = isUnderWay ? `Requests that are under way at your address reach ${limit}.` : `Your address exceeded ${limit}.`;
  return new RateLimited({ retryAfter }, reason);
}
