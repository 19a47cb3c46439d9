import { describe, expect, it } from "vitest";
import { inProcessAttemptLimiter } from "./attempt-limiter.js";

const limits = { windowMs: 60_000, perNameAndAddress: 3, perAddress: 5, perName: 6 };

function aLimiter() {
  let nowMs = 1_000_000;
  return { limiter: inProcessAttemptLimiter(limits, () => nowMs), pass: (ms: number) => (nowMs += ms) };
}

describe("the attempt limiter", () => {
  it("refuses the fourth guess at one name from one address and returns the time to wait", async () => {
    const { limiter, pass } = aLimiter();
    const attempt = { nameHash: "ada", address: "192.0.2.1" };
    for (let i = 0; i < 3; i++) expect(await limiter.begin(attempt)).toBeNull();
    pass(20_000);
    expect(await limiter.begin(attempt)).toEqual({ retryAfter: 40 });
    pass(40_000);
    expect(await limiter.begin(attempt)).toBeNull();
  });

  it("counts attempts in progress, so that a burst gets no more guesses than a queue", async () => {
    const { limiter } = aLimiter();
    const answers = await Promise.all(Array.from({ length: 50 }, () => limiter.begin({ nameHash: "ada", address: "192.0.2.1" })));
    expect(answers.filter((answer) => answer === null)).toHaveLength(3);
  });

  it("does not count successful logins", async () => {
    const { limiter } = aLimiter();
    const attempt = { nameHash: "ada", address: "192.0.2.1" };
    for (let i = 0; i < 20; i++) {
      expect(await limiter.begin(attempt)).toBeNull();
      await limiter.succeeded(attempt);
    }
  });

  it("refuses an address that tries many names", async () => {
    const { limiter } = aLimiter();
    for (let i = 0; i < 5; i++) expect(await limiter.begin({ nameHash: `user ${i}`, address: "192.0.2.1" })).toBeNull();
    expect(await limiter.begin({ nameHash: "another", address: "192.0.2.1" })).toEqual({ retryAfter: 60 });
    expect(await limiter.begin({ nameHash: "another", address: "192.0.2.2" })).toBeNull();
  });

  it("cannot be used to lock a user out of an address that they use", async () => {
    const { limiter } = aLimiter();
    const home = { nameHash: "ada", address: "198.51.100.7" };
    await limiter.begin(home);
    await limiter.succeeded(home);
    for (let i = 0; i < 10; i++) await limiter.begin({ nameHash: "ada", address: `192.0.2.${i}` });
    expect(await limiter.begin({ nameHash: "ada", address: "203.0.113.9" })).toEqual({ retryAfter: 60 });
    expect(await limiter.begin(home)).toBeNull();
  });
});
