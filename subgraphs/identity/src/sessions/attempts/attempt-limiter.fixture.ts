import { describe, expect, it } from "vitest";
import type { AttemptLimiter } from "./attempt-limiter.js";
import type { Attempt, AttemptLimits } from "./attempt-limits.js";

const limit = (free: number) => ({ free, windowMs: 60_000, delayMs: 1_000, maxDelayMs: 30_000 });

/** Small limits, so that tests reach them with few attempts. A counter forgets all of its free failures in a minute. */
export const testLimits: AttemptLimits = {
  place: limit(3),
  address: limit(5),
  block: limit(8),
  wideBlock: limit(12),
  name: limit(6),
  code: limit(2),
  start: limit(4),
  startBlock: limit(7),
  device: limit(4),
  everywhere: limit(200),
  alarm: { from: 100, windowMs: 60_000, divisor: 3 },
};

/** A login from an address of its own, unless stated otherwise. */
export const aLogin = (attempt: Partial<Attempt> = {}): Attempt => ({ kind: "LOGIN", nameHash: "ada", address: "192.0.2.1", ...attempt });

/** Addresses of which each is in a wide block of its own. */
export const farAddress = (number: number): string => `${10 + Math.floor(number / 250)}.${number % 250}.0.1`;

/** The tests of a limiter, whose counters are in this process or in Redis. `make` returns a new one with `testLimits` and this clock. */
export function describeAttemptLimiter(where: string, make: (now: () => number) => Promise<AttemptLimiter>): void {
  describe(`the attempt limiter ${where}`, () => {
    limiterTests(make);
  });
}

function limiterTests(make: (now: () => number) => Promise<AttemptLimiter>): void {
  async function aLimiter() {
    let nowMs = 1_000_000_000_000;
    const limiter = await make(() => nowMs);
    return { limiter, pass: (ms: number) => (nowMs += ms) };
  }

  /** Fails until the limiter refuses. Returns the number of guesses. */
  async function guesses(limiter: AttemptLimiter, attempts: Iterable<ReturnType<typeof aLogin>>): Promise<number> {
    let count = 0;
    for (const attempt of attempts) {
      if ((await limiter.begin(attempt)) !== null) break;
      count++;
    }
    return count;
  }
  const many = (number: number, attempt: (index: number) => Parameters<typeof aLogin>[0]) =>
    Array.from({ length: number }, (_, index) => aLogin(attempt(index)));

  it("refuses the fourth guess at one name from one address, and doubles the delay with each further one", async () => {
    const { limiter, pass } = await aLimiter();
    for (let i = 0; i < 3; i++) expect(await limiter.begin(aLogin())).toBeNull();
    const delays: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      const refused = await limiter.begin(aLogin());
      delays.push(refused?.retryAfter);
      pass((refused?.retryAfter ?? 0) * 1000);
      expect(await limiter.begin(aLogin())).toBeNull();
    }
    // In the end as fast as the counter forgets.
    expect(delays).toEqual([1, 2, 4, 8, 16]);
    pass(10 * 60_000);
    expect(
      await guesses(
        limiter,
        many(10, () => ({})),
      ),
    ).toBe(3);
  });

  it("allows fewer guesses at the codes of a user, from wherever they come, than at the password", async () => {
    const { limiter } = await aLimiter();
    const from = (kind: "CODE" | "LOGIN") => many(20, (index) => ({ kind, address: farAddress(index) }));
    expect([await guesses(limiter, from("CODE")), await guesses(limiter, from("LOGIN"))]).toEqual([2, 6]);
  });

  it("never delays for longer than until a failure is forgotten", async () => {
    const { limiter, pass } = await aLimiter();
    for (let i = 0; i < 40; i++) {
      const refused = await limiter.begin(aLogin({ address: "unknown" }));
      expect(refused?.retryAfter ?? 0).toBeLessThanOrEqual(40);
      pass((refused?.retryAfter ?? 0) * 1000);
    }
  });

  it("counts attempts in progress, so that a burst gets no more guesses than a queue", async () => {
    const { limiter } = await aLimiter();
    const answers = await Promise.all(Array.from({ length: 50 }, () => limiter.begin(aLogin())));
    expect(answers.filter((answer) => answer === null)).toHaveLength(3);
  });

  it("does not count successful logins, nor attempts without a result", async () => {
    const { limiter } = await aLimiter();
    for (let i = 0; i < 20; i++) {
      expect(await limiter.begin(aLogin())).toBeNull();
      await (i % 2 === 0 ? limiter.succeeded(aLogin()) : limiter.cancelled(aLogin()));
    }
  });

  it("refuses an address that tries many names", async () => {
    const { limiter } = await aLimiter();
    expect(
      await guesses(
        limiter,
        many(20, (index) => ({ nameHash: `user ${index}` })),
      ),
    ).toBe(5);
    expect(await limiter.begin(aLogin({ nameHash: "another", address: "192.0.2.2" }))).toBeNull();
  });

  it.each([
    ["neighbors", 8, (index: number) => `192.0.2.${index}`],
    ["neighbors with IPv6", 8, (index: number) => `2001:db8:1:${index.toString(16)}::/64`],
    ["a wide block", 12, (index: number) => `192.0.${index}.1`],
    ["a wide block with IPv6", 12, (index: number) => `2001:db8:${index.toString(16)}:1::/64`],
  ])("refuses %s that each try a few names", async (_, expected, address) => {
    const { limiter } = await aLimiter();
    expect(
      await guesses(
        limiter,
        many(30, (index) => ({ nameHash: `user ${index}`, address: address(index) })),
      ),
    ).toBe(expected);
  });

  it("cannot be used to lock a user out of an address that they use", async () => {
    const { limiter } = await aLimiter();
    const home = aLogin({ address: "198.51.100.7" });
    await limiter.begin(home);
    await limiter.succeeded(home);
    expect(
      await guesses(
        limiter,
        many(20, (index) => ({ address: farAddress(index) })),
      ),
    ).toBe(6);
    expect(await limiter.begin(aLogin({ address: "203.0.113.9" }))).toEqual({ retryAfter: 1 });
    expect(await limiter.begin(home)).toBeNull();
  });

  it("lets a known device in where strangers are refused, and limits the guesses on it by themselves", async () => {
    const { limiter } = await aLimiter();
    expect(
      await guesses(
        limiter,
        many(20, () => ({})),
      ),
    ).toBe(3);
    const known = aLogin({ deviceId: "a phone" });
    expect(
      await guesses(
        limiter,
        many(20, () => known),
      ),
    ).toBe(4);
    expect(await limiter.begin(aLogin({ deviceId: "a laptop" }))).toBeNull();
    await limiter.succeeded(aLogin({ deviceId: "a laptop" }));
    expect(
      await guesses(
        limiter,
        many(20, () => ({ nameHash: "ben", address: "198.51.100.7" })),
      ),
    ).toBe(3);
  });

  it("is stricter to strangers once many addresses fail a little, and a first attempt still gets in", async () => {
    const { limiter } = await aLimiter();
    const spray = many(100, (index) => ({ nameHash: `user ${index}`, address: farAddress(index) }));
    expect(await guesses(limiter, spray)).toBe(100);
    const [one, two] = [aLogin({ nameHash: "cleo", address: "198.51.100.7" }), aLogin({ nameHash: "dora", address: "203.0.113.9" })];
    expect(await guesses(limiter, [one, one, one])).toBe(1);
    expect(await limiter.begin(two)).toBeNull();
    expect(
      await guesses(
        limiter,
        many(10, () => ({ nameHash: "ben", deviceId: "a phone" })),
      ),
    ).toBe(4);
  });

  it("refuses strangers, but no known device or address, when a spray is too wide for any other limit", async () => {
    const { limiter } = await aLimiter();
    const home = aLogin({ nameHash: "ada", address: "203.0.113.9" });
    await limiter.begin(home);
    await limiter.succeeded(home);
    expect(
      await guesses(
        limiter,
        many(400, (index) => ({ nameHash: `user ${index}`, address: farAddress(index) })),
      ),
    ).toBe(200);
    expect(await limiter.begin(aLogin({ nameHash: "new", address: "198.51.100.7" }))).toEqual({ retryAfter: 1 });
    expect(await limiter.begin(home)).toBeNull();
    expect(await limiter.begin(aLogin({ nameHash: "ben", address: "198.51.100.7", deviceId: "a phone" }))).toBeNull();
  });

  it("counts requests of resets and tokens apart from logins", async () => {
    const { limiter } = await aLimiter();
    expect(
      await guesses(
        limiter,
        many(20, (index) => ({ kind: "PASSWORD_RESET", nameHash: `user ${index}` })),
      ),
    ).toBe(5);
    expect(
      await guesses(
        limiter,
        many(20, (index) => ({ kind: "TOKEN", nameHash: `user ${index}` })),
      ),
    ).toBe(5);
    expect(
      await guesses(
        limiter,
        many(20, (index) => ({ nameHash: `user ${index}` })),
      ),
    ).toBe(5);
  });

  it("counts logins with a provider that were begun and not finished, by provider and address, and by neighboring addresses", async () => {
    const { limiter } = await aLimiter();
    const start = (nameHash: string, address = "192.0.2.1") => aLogin({ kind: "SINGLE_SIGN_ON", nameHash, address });
    for (let finished = 0; finished < 20; finished++) {
      expect(await limiter.begin(start("acme"))).toBeNull();
      await limiter.cancelled(start("acme"));
    }
    expect(
      await guesses(
        limiter,
        Array.from({ length: 20 }, () => start("acme")),
      ),
    ).toBe(4);
    expect(await limiter.begin(start("globex"))).toBeNull();
    expect(
      await guesses(
        limiter,
        Array.from({ length: 20 }, (_, index) => start("acme", `192.0.2.${index + 2}`)),
      ),
    ).toBe(2);
    expect(
      await guesses(
        limiter,
        Array.from({ length: 20 }, (_, index) => start("acme", farAddress(index))),
      ),
    ).toBe(20);
    expect(await limiter.begin(aLogin())).toBeNull();
  });
}
