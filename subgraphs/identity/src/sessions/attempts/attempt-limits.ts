import { addressBlocksOf } from "./address-blocks.js";

/** What is attempted. Each kind has counters of its own, so that, for example, requests of links do not keep anybody from logging in. */
export type AttemptKind = "LOGIN" | "CODE" | "TOKEN" | "PASSWORD_RESET" | "REGISTRATION" | "SINGLE_SIGN_ON" | "DIRECTORY_ACCOUNT";

/** An attempt before its result is known. */
export interface Attempt {
  readonly kind: AttemptKind;
  /**
   * Hash of the login name and the given tenant, so that the limiter stores no names. Without the tenant, an attacker could reset the failures by
   * logging in as a user with the same name in a tenant of their own.
   */
  readonly nameHash: string;
  /** Network address as returned by `networkOf`. */
  readonly address: string;
  /** Device on which the user has logged in before. Its failures count only for itself. */
  readonly deviceId?: string | null;
}

/** Limit of a counter: this number of failures is free within a window, and each further one doubles the delay before the next attempt. */
export interface CounterLimit {
  /** Failures without a delay. The counter forgets as many in a window, one after the other. */
  readonly free: number;
  readonly windowMs: number;
  /** Delay after the last free failure. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
}

export interface AttemptLimits {
  /** For one name from one address: guessing the password of a user. */
  readonly place: CounterLimit;
  /** For one address and any name: password spraying. */
  readonly address: CounterLimit;
  /** For neighboring addresses, which a hoster or a botnet can have by the hundred. */
  readonly block: CounterLimit;
  readonly wideBlock: CounterLimit;
  /** For one name from all addresses from which it never logged in: distributed guessing. */
  readonly name: CounterLimit;
  /**
   * For the codes of one user's second factor from all addresses from which the user never logged in. Far lower than `name`: whoever guesses here knows
   * the password, and three of a million codes are valid at a time.
   */
  readonly code: CounterLimit;
  /**
   * For logins with an identity provider that were begun and not finished: of one provider from one address. Offices have one address for many users, who
   * arrive at the same time.
   */
  readonly start: CounterLimit;
  /** The same, from neighboring addresses, of all providers. */
  readonly startBlock: CounterLimit;
  /** For a known device, which none of the others concern. */
  readonly device: CounterLimit;
  /** For all logins of strangers: spraying from so many addresses that each stays below its own limits. */
  readonly everywhere: CounterLimit;
  /**
   * Also for all logins of strangers. From this number of failures on, strangers have only a part of the free failures. Somebody who logs in from a new
   * device still gets in, while attackers need many times the addresses.
   */
  readonly alarm: { readonly from: number; readonly windowMs: number; readonly divisor: number };
}

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

export const defaultAttemptLimits: AttemptLimits = {
  place: { free: 10, windowMs: 60 * minuteMs, delayMs: 15_000, maxDelayMs: quarterMs },
  address: { free: 100, windowMs: quarterMs, delayMs: 5_000, maxDelayMs: quarterMs },
  block: { free: 300, windowMs: quarterMs, delayMs: 2_000, maxDelayMs: quarterMs },
  wideBlock: { free: 1_500, windowMs: quarterMs, delayMs: 1_000, maxDelayMs: quarterMs },
  name: { free: 50, windowMs: 60 * minuteMs, delayMs: 5_000, maxDelayMs: quarterMs },
  code: { free: 20, windowMs: 24 * 60 * minuteMs, delayMs: minuteMs, maxDelayMs: 60 * minuteMs },
  start: { free: 300, windowMs: quarterMs, delayMs: 2_000, maxDelayMs: minuteMs },
  startBlock: { free: 1_500, windowMs: quarterMs, delayMs: 1_000, maxDelayMs: minuteMs },
  device: { free: 10, windowMs: 60 * minuteMs, delayMs: 15_000, maxDelayMs: quarterMs },
  everywhere: { free: 10_000, windowMs: quarterMs, delayMs: 1_000, maxDelayMs: minuteMs },
  alarm: { from: 1_000, windowMs: quarterMs, divisor: 5 },
};

/** A counter that an attempt is counted by. */
export interface Counter {
  readonly key: string;
  readonly limit: CounterLimit;
  /** Whether it counts only attempts from addresses from which the name has never logged in. */
  readonly isOfStrangers: boolean;
  /** Whether an alarm divides its free failures. */
  readonly isTightened: boolean;
}

/** The counters of an attempt. */
export interface Counted {
  readonly counters: readonly Counter[];
  /** Key that is remembered after a success: the address is known to belong to the name. */
  readonly knownKey: string;
  /** Key that starts over after a success. */
  readonly ownKey: string;
  /** Counter whose level raises the alarm. Null for attempts that none concerns. */
  readonly alarm: { readonly counter: Counter; readonly from: number; readonly divisor: number } | null;
}

/** Place of the counters: this process, or Redis for all processes. */
export interface AttemptCounters {
  /** Counts an attempt and returns 0, or counts nothing and returns the milliseconds to wait. Atomic. */
  spend(counted: Counted): Promise<number>;
  /** Reverts an attempt. If it succeeded, resets the own counter and remembers the address. */
  giveBack(counted: Counted, result: "succeeded" | "cancelled"): Promise<void>;
}

/** Returns what an attempt is counted by. The same in every mode; only the place of the counters differs. */
export function countedBy({ kind, nameHash, address, deviceId = null }: Attempt, limits: AttemptLimits): Counted {
  const knownKey = `${kind} known ${nameHash} ${address}`;
  const counter = (what: string, limit: CounterLimit, flags: Partial<Counter> = {}): Counter => ({
    key: `${kind} ${what}`,
    limit,
    isOfStrangers: false,
    isTightened: true,
    ...flags,
  });
  if (deviceId !== null) {
    const device = counter(`device ${deviceId}`, limits.device);
    return { counters: [device], knownKey, ownKey: device.key, alarm: null };
  }
  const place = counter(`place ${nameHash} ${address}`, limits.place);
  const blocks = addressBlocksOf(address);
  // Nothing is guessed, and nobody can do anything to the users of other addresses.
  if (kind === "SINGLE_SIGN_ON") {
    const begun = counter(`place ${nameHash} ${address}`, limits.start);
    const counters = [begun, ...(blocks ? [counter(`block ${blocks.narrow}`, limits.startBlock)] : [])];
    return { counters, knownKey, ownKey: begun.key, alarm: null };
  }
  const { from, windowMs, divisor } = limits.alarm;
  const strangers = { isOfStrangers: true, isTightened: false };
  // It never delays by itself.
  const alarm = counter("alarm", { free: from, windowMs, delayMs: 0, maxDelayMs: 0 }, strangers);
  const counters = [
    place,
    counter(`address ${address}`, limits.address),
    ...(blocks ? [counter(`block ${blocks.narrow}`, limits.block), counter(`block ${blocks.wide}`, limits.wideBlock)] : []),
    counter(`name ${nameHash}`, kind === "CODE" ? limits.code : limits.name, { isOfStrangers: true }),
    ...(kind === "LOGIN" ? [counter("everywhere", limits.everywhere, strangers), alarm] : []),
  ];
  return { counters, knownKey, ownKey: place.key, alarm: kind === "LOGIN" ? { counter: alarm, from, divisor } : null };
}
