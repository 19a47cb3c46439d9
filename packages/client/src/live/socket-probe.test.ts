import { VirtualClock } from "@weft/testkit/virtual-clock";
import { expect, test } from "vitest";
import { createSocketProbe, type SocketProbe } from "./socket-probe.js";

/** What becomes of an attempt. `opens`: the socket opens, and nothing follows. */
type Outcome = "answers" | "opens" | "refused" | "throws" | "other message" | "silent";

interface Attempt {
  readonly at: number;
  readonly sent: string[];
  isClosed: boolean;
}

interface Probing {
  readonly probe: SocketProbe;
  readonly clock: VirtualClock;
  readonly attempts: Attempt[];
  /** Times of the attempts. */
  readonly times: () => number[];
  readonly answers: () => number;
  /** Of the next attempts. */
  outcome: Outcome;
}

/** A probe whose sockets are those of a network that the test describes. */
function aProbe(outcome: Outcome, firstWaitMs = 1_000): Probing {
  const clock = new VirtualClock();
  const attempts: Attempt[] = [];
  let answers = 0;
  class NetworkSocket {
    onopen = (): void => {};
    onmessage = (_event: { data: string }): void => {};
    onclose = (): void => {};
    readonly #attempt: Attempt = { at: clock.now(), sent: [], isClosed: false };
    constructor() {
      attempts.push(this.#attempt);
      const { outcome: mine } = probing;
      if (mine === "throws") throw new DOMException("The policy of the page forbids it.", "SecurityError");
      if (mine === "refused") clock.after(5, () => this.onclose());
      else if (mine !== "silent") clock.after(5, () => this.onopen());
    }
    send(text: string): void {
      this.#attempt.sent.push(text);
      const { outcome: mine } = probing;
      if (mine === "answers" || mine === "other message")
        clock.after(5, () => this.onmessage({ data: mine === "answers" ? '{"type":"pong"}' : "Log in to the network" }));
    }
    close(): void {
      this.#attempt.isClosed = true;
      clock.after(5, () => this.onclose());
    }
  }
  const probe = createSocketProbe({
    url: "ws://weft.example.com/graphql",
    webSocket: NetworkSocket,
    firstWaitMs,
    onAnswer: () => answers++,
    clock,
  });
  const probing: Probing = { probe, clock, attempts, outcome, answers: () => answers, times: () => attempts.map(({ at }) => at) };
  return probing;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Returns the waits before the first attempt, and between the others. */
const waits = (times: readonly number[]): number[] => times.map((time, index) => time - (times[index - 1] ?? 0));

/** Expects waits of these lengths, give or take a quarter. `extraMs`: what an attempt itself can take. */
function expectWaits(actual: readonly number[], expected: readonly number[], extraMs = 10): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, ms] of expected.entries()) {
    expect(actual[index]).toBeGreaterThanOrEqual(0.75 * ms);
    expect(actual[index]).toBeLessThanOrEqual(1.25 * ms + extraMs);
  }
}

test("an answer to the probe's ping ends the probe, and is told once", () => {
  const { probe, clock, attempts, answers } = aProbe("answers");
  probe.start();
  clock.pass(hourMs);
  expect(attempts).toMatchObject([{ sent: ['{"type":"ping"}'], isClosed: true }]);
  expect([answers(), clock.timers]).toEqual([1, 0]);
});

test.each(["opens", "refused", "other message", "silent"] as const)("a socket that %s is no answer", (outcome) => {
  const { probe, clock, attempts, answers } = aProbe(outcome);
  probe.start();
  clock.pass(hourMs);
  expect(attempts.length).toBeGreaterThan(5);
  expect(answers()).toBe(0);
});

test("a socket that cannot be made is no answer, and the next attempt follows as after others", async () => {
  const { probe, clock, times, answers } = aProbe("throws");
  probe.start();
  clock.pass(1_250);
  // It is closed in a microtask.
  await Promise.resolve();
  clock.pass(2_500);
  expectWaits(waits(times()), [1_000, 2_000], 500);
  expect(answers()).toBe(0);
});

test("the waits double, up to an hour", () => {
  const { probe, clock, times } = aProbe("refused", 10 * minuteMs);
  probe.start();
  while (times().length < 6) clock.pass(minuteMs);
  expectWaits(waits(times()), [10 * minuteMs, 20 * minuteMs, 40 * minuteMs, hourMs, hourMs, hourMs]);
});

test("a socket without an answer is closed after 15 seconds, and the next attempt follows as after others", () => {
  const { probe, clock, attempts, times } = aProbe("opens");
  probe.start();
  clock.pass(1_250 + 14_000);
  expect(attempts).toMatchObject([{ isClosed: false }]);
  clock.pass(2_000);
  expect(attempts).toMatchObject([{ isClosed: true }]);
  clock.pass(2_500);
  expectWaits(waits(times()), [1_000, 2_000], 15_000);
});

test("nothing is left behind by a stop, and nothing is told", () => {
  const probing = aProbe("opens");
  const { probe, clock, attempts, answers } = probing;
  probe.start();
  clock.pass(1_300);
  probe.stop();
  expect(attempts).toMatchObject([{ isClosed: true }]);
  clock.pass(10);
  expect(clock.timers).toBe(0);
  clock.pass(hourMs);
  expect([attempts.length, answers()]).toEqual([1, 0]);
});

test("the time between a stop and a start counts as waited", () => {
  const { probe, clock, times } = aProbe("refused", minuteMs);
  probe.start();
  clock.pass(minuteMs / 2);
  probe.stop();
  clock.pass(10 * minuteMs);
  expect(times()).toEqual([]);
  probe.start();
  clock.pass(0);
  expect(times()).toHaveLength(1);
});

test("starting twice makes no second attempt", () => {
  const { probe, clock, times } = aProbe("refused");
  probe.start();
  probe.start();
  clock.pass(1_300);
  expect(times()).toHaveLength(1);
});

test("after an answer, the next wait is longer, unless the probe is reset", () => {
  const { probe, clock, times } = aProbe("answers", minuteMs);
  const startAndWait = (): number => {
    const [before, started] = [times().length, clock.now()];
    probe.start();
    while (times().length === before) clock.pass(1_000);
    clock.pass(10);
    return (times().at(-1) ?? 0) - started;
  };
  expectWaits([startAndWait(), startAndWait()], [minuteMs, 2 * minuteMs]);
  probe.reset();
  expectWaits([startAndWait()], [minuteMs]);
});
