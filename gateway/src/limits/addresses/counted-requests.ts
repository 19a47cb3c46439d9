import type { Config } from "@weft/platform/config";
import { networkOf } from "@weft/platform/fairness";
import { RateLimited } from "@weft/shared/errors";
import type { Charge, Taken, Windows, WindowUse } from "@weft/api/limits";
import { LRUCache } from "lru-cache";

/** A request without a login, and what it has taken from the limits of its address. */
export interface CountedRequest {
  readonly network: string;
  /** A point for the request, and one for each byte. */
  readonly limited: readonly Taken[];
  /** The same of what is under way. */
  readonly underWay: readonly Taken[];
  /** On the clock of `CountedRequestsOptions`. */
  readonly begunAt: number;
}

/**
 * Counts requests without a login, and their bytes, per minute and address. For IPv6, per network.
 *
 * A request counts from its beginning, so that however many guesses arrive at once, no more of them than the limit are tried in a minute. But a thousand
 * people who log in at 9:00 are as many requests under way, of which all will be given back. What is under way is therefore also counted on its own, only
 * to know for how long an address has no room: until the minute ends if too many have failed, and otherwise as long as logins take at present. It is counted in
 * the same window as the limit: of what has begun in the minute, it is the part that has not ended.
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
  /**
   * Gives back the bytes of a request that has succeeded, and a number of requests that led to it, unless the minute has ended. Those before it may have been
   * counted in an earlier minute: over both minutes, no more is given back than was taken.
   */
  giveBack(request: CountedRequest, requests: number): Promise<void>;
}

export interface CountedRequestsOptions {
  readonly windows: Windows;
  readonly limits: Pick<Config["limits"], "anonymousOperationsPerMinute" | "anonymousBytesPerMinute">;
  /** A clock in milliseconds that never goes back. */
  readonly now?: () => number;
  /** A number from 0 to 1, as of `Math.random`. */
  readonly random?: () => number;
}

const MINUTE_MS = 60_000;

/** How long an address without room is refused without asking again. Points can be given back in the meantime. */
const knownForMs = 1_000;

const [OPERATIONS, BYTES] = ["anonymous-operations", "anonymous-bytes"] as const;
const nouns = { [OPERATIONS]: "requests", [BYTES]: "bytes" } as const;

/** Weight of the last login in the time that logins take. */
const newest = 0.1;

/** Clients decide how fast they send: what slow ones need is not what everybody at their address should wait for. */
const longestMs = 5_000;

/** A limit of an address that a request exceeds. */
interface Exceeded {
  readonly charge: AddressCharge;
  /** Whether the address would have room if nothing were under way. */
  readonly isUnderWay: boolean;
  /** Time until the minute ends. */
  readonly endsInMs: number;
}

export function countedRequests({
  windows,
  limits,
  now = () => performance.now(),
  random = Math.random,
}: CountedRequestsOptions): CountedRequests {
  const full = new LRUCache<string, { readonly exceeded: Exceeded; readonly at: number }>({ max: 10_000 });
  /** How long logins take. */
  let typicalMs = 0;

  const chargesOf = (network: string, { requests, bytes }: { readonly requests: number; readonly bytes: number }) => [
    charge(OPERATIONS, { network, points: requests, allowed: limits.anonymousOperationsPerMinute }),
    charge(BYTES, { network, points: bytes, allowed: limits.anonymousBytesPerMinute }),
  ];

  const waitMs = ({ isUnderWay, endsInMs }: Exceeded): number => (isUnderWay ? Math.min(typicalMs, endsInMs) : endsInMs);

  /** Of the limits that are exceeded, the one that lasts longest. @param uses of the charges, then of what is under way of each */
  function longest(
    charges: readonly AddressCharge[],
    uses: readonly (WindowUse | undefined)[],
    isExceeded: (charge: AddressCharge, used: number) => boolean,
  ): Exceeded | undefined {
    const all = charges.flatMap((each, place): Exceeded[] => {
      const use = uses[place];
      if (!use || !isExceeded(each, use.used)) return [];
      const underWay = uses[charges.length + place]?.used ?? 0;
      return [{ charge: each, isUnderWay: !isExceeded(each, use.used - underWay), endsInMs: use.endsInMs }];
    });
    return all.toSorted((one, other) => waitMs(other) - waitMs(one))[0];
  }

  /** Those who wait for logins under way come back spread over as long as a login takes, and not all at once. */
  function refusal(exceeded: Exceeded, ageMs = 0): RateLimited {
    const { scope, allowed } = exceeded.charge;
    const ms = exceeded.isUnderWay ? Math.min(waitMs(exceeded) * (1 + random()), exceeded.endsInMs) : exceeded.endsInMs;
    const retryAfter = Math.max(1, Math.ceil((ms - ageMs) / 1_000));
    const limit = `the limit of ${allowed} ${nouns[scope]} per minute without a login`;
    const reason = exceeded.isUnderWay ? `Requests that are under way at your address reach ${limit}.` : `Your address exceeded ${limit}.`;
    return new RateLimited({ retryAfter }, reason);
  }

  function assertNotFull(network: string): void {
    const known = full.get(network);
    const ageMs = now() - (known?.at ?? 0);
    if (known && ageMs < knownForMs) throw refusal(known.exceeded, ageMs);
  }

  function refuse(network: string, exceeded: Exceeded): never {
    full.set(network, { exceeded, at: now() });
    throw refusal(exceeded);
  }

  return {
    begin: async (address, bytes) => {
      const network = networkOf(address);
      const charges = chargesOf(network, { requests: 1, bytes });
      const { isTaken, taken, uses } = await windows.take([...charges, ...charges.map(underWayOf)]);
      if (isTaken) return { network, limited: taken.slice(0, charges.length), underWay: taken.slice(charges.length), begunAt: now() };
      const exceeded = longest(charges, uses, ({ points, allowed }, used) => used + points > allowed);
      if (!exceeded) throw new Error("A request was refused, although it exceeds no limit.");
      throw refusal(exceeded);
    },
    count: async (address, bytes) => {
      const network = networkOf(address);
      assertNotFull(network);
      const charges = chargesOf(network, { requests: 1, bytes });
      const { uses } = await windows.take([...charges.map(withoutLimit), ...charges.map(underWayOf).map(withoutPoints)]);
      const exceeded = longest(charges, uses, ({ allowed }, used) => used > allowed);
      if (exceeded) refuse(network, exceeded);
    },
    assertRoom: async (address) => {
      const network = networkOf(address);
      assertNotFull(network);
      const charges = chargesOf(network, { requests: 0, bytes: 0 });
      const { uses } = await windows.take([...charges, ...charges.map(underWayOf)]);
      const exceeded = longest(charges, uses, ({ allowed }, used) => used >= allowed);
      if (exceeded) refuse(network, exceeded);
    },
    ended: ({ underWay }) => windows.giveBack(underWay),
    giveBack: async ({ limited, begunAt }, requests) => {
      typicalMs += newest * (Math.min(longestMs, now() - begunAt) - typicalMs);
      await windows.giveBack(limited.map((taken) => (taken.scope === OPERATIONS ? { ...taken, points: requests } : taken)));
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

const withoutPoints = (one: Charge): Charge => ({ ...one, points: 0 });

/** What is under way of a charge, as a part of it that has no limit of its own. */
const underWayOf = ({ scope, key, ...rest }: AddressCharge, place: number): Charge =>
  withoutLimit({ ...rest, scope: `${scope}-under-way`, key: `under-way:${key}`, sharesWindowOf: place });
