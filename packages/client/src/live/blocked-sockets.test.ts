import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchSockets } from "./blocked-sockets.js";

/** Sockets in a network whose HTTP the test describes. */
function inNetwork({ hasHttp }: { hasHttp: boolean }) {
  const network = { hasHttp };
  const counts = { asked: 0, blocked: 0, proven: 0 };
  const sockets = watchSockets({
    answersOverHttp: async () => {
      counts.asked++;
      return network.hasHttp;
    },
    onBlocked: () => counts.blocked++,
    onProven: () => counts.proven++,
  });
  const fail = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      sockets.closed(false);
      await turn();
    }
  };
  const work = (): void => {
    sockets.answered();
    sockets.closed(false);
  };
  return { network, counts, sockets, fail, work };
}

test("sockets are blocked if two fail, and Weft answered over HTTP between them", async () => {
  const { counts, fail } = inNetwork({ hasHttp: true });
  await fail(1);
  expect(counts.blocked).toBe(0);
  await fail(1);
  expect(counts.blocked).toBe(1);
});

test("sockets are not blocked while HTTP does not get through, either", async () => {
  const { network, counts, fail } = inNetwork({ hasHttp: false });
  await fail(20);
  expect(counts.blocked).toBe(0);
  network.hasHttp = true;
  await fail(1);
  expect(counts.blocked).toBe(0);
  await fail(1);
  expect(counts.blocked).toBe(1);
});

test("after a socket has worked, sockets are blocked if four fail", async () => {
  const { counts, fail, work } = inNetwork({ hasHttp: true });
  work();
  await fail(3);
  expect(counts.blocked).toBe(0);
  await fail(1);
  expect(counts.blocked).toBe(1);
});

test("a socket that works makes up for the failures before it", async () => {
  const { counts, fail, work } = inNetwork({ hasHttp: true });
  work();
  for (let round = 0; round < 5; round++) {
    await fail(3);
    work();
  }
  expect(counts.blocked).toBe(0);
});

test("HTTP is not asked after the short interruptions that every network has", async () => {
  const { counts, fail, work } = inNetwork({ hasHttp: true });
  work();
  await fail(2);
  work();
  expect(counts.asked).toBe(0);
});

test("a socket that Weft closes before its first ping has not failed", async () => {
  const { counts, sockets, fail } = inNetwork({ hasHttp: true });
  for (let round = 0; round < 5; round++) {
    await fail(1);
    sockets.closed(true);
  }
  expect(counts.blocked).toBe(0);
});

test("an answer over HTTP that comes after a socket got through does not count", async () => {
  let answer = (_answers: boolean): void => {};
  let blocked = 0;
  const sockets = watchSockets({
    answersOverHttp: () => new Promise((resolve) => (answer = resolve)),
    onBlocked: () => blocked++,
    onProven: () => {},
  });
  sockets.closed(false);
  sockets.closed(true);
  answer(true);
  await turn();
  sockets.closed(false);
  sockets.closed(false);
  expect(blocked).toBe(0);
});

test("a socket proves to work once, however many pings it answers", () => {
  const { counts, sockets, work } = inNetwork({ hasHttp: true });
  sockets.answered();
  work();
  expect(counts.proven).toBe(1);
  work();
  expect(counts.proven).toBe(2);
});
