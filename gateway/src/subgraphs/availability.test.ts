import { fakeTimers } from "@weft/testkit/fake-timers";
import { describe, expect, test, vi } from "vitest";
import { Availability } from "./availability.js";

class Unreachable extends Error {}

/** A breaker whose probes wait until the test answers them. */
function breaker({ failures = 3, silences = 2 } = {}) {
  const probes: ((isAnswered: boolean) => void)[] = [];
  const availability = new Availability({
    probe: () => new Promise((resolve) => void probes.push(resolve)),
    isUnreachable: (error) => error instanceof Unreachable,
    failures,
    silences,
    probeEveryMs: 1,
  });
  /** Waits for the next probe and answers it. */
  const answerProbe = async (isAnswered: boolean): Promise<void> => {
    await vi.waitFor(() => expect(probes).toHaveLength(1), { timeout: 20_000, interval: 1 });
    probes.shift()?.(isAnswered);
    await new Promise(setImmediate);
  };
  const fail = async (error: Error): Promise<void> => {
    await expect(availability.run(() => Promise.reject(error))).rejects.toBe(error);
  };
  return { availability, probes, answerProbe, fail };
}

test("any number of errors that do not concern the subgraph's availability leave the circuit closed", async () => {
  const { availability, fail, probes } = breaker();
  for (let call = 0; call < 20; call++) await fail(new Error("late"));
  expect(availability.isDown).toBe(false);
  expect(probes).toHaveLength(0);
});

test("an answer between two failures resets the count", async () => {
  const { availability, fail } = breaker();
  for (let round = 0; round < 3; round++) {
    await fail(new Unreachable());
    await fail(new Unreachable());
    expect(await availability.run(() => Promise.resolve("fine"))).toBe("fine");
  }
  expect(availability.isDown).toBe(false);
});

describe("an open circuit", () => {
  test("refuses calls without making them", async () => {
    const { availability, fail } = breaker();
    for (let call = 0; call < 3; call++) await fail(new Unreachable());
    const call = vi.fn<() => Promise<void>>();
    await expect(availability.run(call)).rejects.toThrow("circuit");
    expect(call).not.toHaveBeenCalled();
  });

  test("does not try calls, however long it stays open and even if the clock is set back; an answered probe closes it", async () => {
    const { availability, fail, answerProbe } = breaker();
    await fakeTimers({ toFake: ["Date"], now: 10_000_000 });
    for (let call = 0; call < 3; call++) await fail(new Unreachable());
    vi.setSystemTime(20_000_000);
    await expect(availability.run(() => Promise.resolve())).rejects.toThrow("circuit");
    expect(availability.isDown).toBe(true);
    vi.setSystemTime(0);
    await answerProbe(true);
    expect(availability.isDown).toBe(false);
    // The count starts over with it.
    await fail(new Unreachable());
    expect(availability.isDown).toBe(false);
  });

  test("closes when a call that was in progress when it opened is answered", async () => {
    const { availability, fail } = breaker();
    const { promise, resolve } = Promise.withResolvers<string>();
    const underWay = availability.run(() => promise);
    for (let call = 0; call < 3; call++) await fail(new Unreachable());
    expect(availability.isDown).toBe(true);
    resolve("late");
    expect(await underWay).toBe("late");
    expect(availability.isDown).toBe(false);
  });

  test("opens again after it was closed, any number of times", async () => {
    const { availability, fail, answerProbe } = breaker();
    for (let round = 0; round < 3; round++) {
      for (let call = 0; call < 3; call++) await fail(new Unreachable());
      expect(availability.isDown).toBe(true);
      await answerProbe(false);
      await answerProbe(true);
      expect(availability.isDown).toBe(false);
    }
  });
});

test("a suspicion starts one series of probes at a time: consecutive unanswered probes open the circuit, the first answered one closes it", async () => {
  const { availability, probes, answerProbe } = breaker({ silences: 2 });
  availability.suspect();
  availability.suspect();
  expect(probes).toHaveLength(1);
  await answerProbe(false);
  expect(availability.isDown).toBe(false);
  await answerProbe(false);
  expect(availability.isDown).toBe(true);
  await answerProbe(true);
  expect(availability.isDown).toBe(false);
  expect(probes).toHaveLength(0);
});

test("closing stops the probes", async () => {
  const { availability, probes } = breaker();
  availability.suspect();
  availability.close();
  probes.shift()?.(false);
  await new Promise(setImmediate);
  availability.suspect();
  expect(probes).toHaveLength(0);
  expect(availability.isDown).toBe(false);
});
