import type { Config } from "@weft/platform/config";
import { networkOf } from "@weft/platform/fairness";
import { RateLimited } from "@weft/shared/errors";
import type { Charge, Taken, Windows, WindowUse } from "@weft/api/limits";
import { LRUCache } from "lru-cache";

/** A request without a login, and what it has taken from the limits of its address. */
export interface CountedRequest {
  readonly network: string;
  readonly taken: readonly Taken[];
}

/** Counts requests without a login, and their bytes, per minute and address. For IPv6, per network. */
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
  /** Gives back the bytes of a request, and a number of requests that led to its success, unless the minute has ended. */
  giveBack(request: CountedRequest, requests: number): Promise<void>;
}

export interface CountedRequestsOptions {
  readonly windows: Windows;
  readonly limits: Pick<Config["limits"], "anonymousOperationsPerMinute" | "anonymousBytesPerMinute">;
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
  readonly endsInMs: number;
}

export function countedRequests({ windows, limits }: CountedRequestsOptions): CountedRequests {
  const full = new LRUCache<string, { readonly exceeded: Exceeded; readonly at: number }>({ max: 10_000 });

  const chargesOf = (network: string, requests: number, bytes: number) =>
    [
      charge(OPERATIONS, { network, points: requests, allowed: limits.anonymousOperationsPerMinute }),
      charge(BYTES, { network, points: bytes, allowed: limits.anonymousBytesPerMinute }),
    ] as const;

  function assertNotFull(network: string): void {
    const known = full.get(network);
    const ageMs = performance.now() - (known?.at ?? 0);
    if (known && ageMs < knownForMs) throw refusal({ ...known.exceeded, endsInMs: known.exceeded.endsInMs - ageMs });
  }

  function refuse(network: string, exceeded: Exceeded): never {
    full.set(network, { exceeded, at: performance.now() });
    throw refusal(exceeded);
  }

  return {
    begin: async (address, bytes) => {
      const network = networkOf(address);
      const charges = chargesOf(network, 1, bytes);
      const { isTaken, taken, uses } = await windows.take(charges);
      if (isTaken) return { network, taken };
      throw refusal(longest(charges, uses, ({ points, allowed }, used) => used + points > allowed));
    },
    count: async (address, bytes) => {
      const network = networkOf(address);
      assertNotFull(network);
      const charges = chargesOf(network, 1, bytes);
      const { uses } = await windows.take(charges.map((each) => ({ ...each, allowed: Number.MAX_SAFE_INTEGER })));
      const exceeded = longest(charges, uses, ({ allowed }, used) => used > allowed);
      if (exceeded) refuse(network, exceeded);
    },
    assertRoom: async (address) => {
      const network = networkOf(address);
      assertNotFull(network);
      const charges = chargesOf(network, 0, 0);
      const { uses } = await windows.take(charges);
      const exceeded = longest(charges, uses, ({ allowed }, used) => used >= allowed);
      if (exceeded) refuse(network, exceeded);
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

/** Of the limits that are exceeded, the one that lasts longest. */
function longest(
  charges: readonly AddressCharge[],
  uses: readonly (WindowUse | undefined)[],
  isExceeded: (charge: AddressCharge, used: number) => boolean,
): Exceeded | undefined {
  const [worst] = charges
    .flatMap((each, place) => {
      const use = uses[place];
      return use && isExceeded(each, use.used) ? [{ what: nouns[each.scope], allowed: each.allowed, endsInMs: use.endsInMs }] : [];
    })
    .toSorted((one, other) => other.endsInMs - one.endsInMs);
  return worst;
}

function refusal(exceeded: Exceeded | undefined): RateLimited {
  if (!exceeded) throw new Error("A request was refused, although it exceeds no limit.");
  const { what, allowed, endsInMs } = exceeded;
  const retryAfter = Math.max(1, Math.ceil(endsInMs / 1_000));
  return new RateLimited({ retryAfter }, `Your address exceeded the limit of ${allowed} ${what} per minute without a login.`);
}
