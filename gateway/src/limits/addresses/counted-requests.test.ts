import { OwnWindows } from "@weft/api/limits";
import { expect, test } from "vitest";
import { countedRequests } from "./counted-requests.js";

const address = "192.0.2.1";

/** The requests of an address with 5 requests and 1,000 bytes a minute, on a clock that stands still. */
function someRequests() {
  const clock = { ms: 0 };
  const now = (): number => clock.ms;
  const windows = new OwnWindows(now);
  const limits = { anonymousOperationsPerMinute: 5, anonymousBytesPerMinute: 1_000 };
  const requests = countedRequests({ windows, limits, now });
  const used = async (what: string): Promise<number | undefined> => {
    const { uses } = await windows.take([{ scope: what, key: `${what}:${address}`, points: 0, allowed: 0, windowMs: 60_000 }]);
    return uses[0]?.used;
  };
  return { clock, requests, usedRequests: () => used("anonymous-operations"), usedBytes: () => used("anonymous-bytes") };
}

const limited = (retryAfter: number) => ({ code: "RATE_LIMITED", retryAfter });

test("a login that succeeds gives back its request and its bytes", async () => {
  const { requests, usedRequests, usedBytes } = someRequests();
  const counted = await requests.begin(address, 400);
  expect([await usedRequests(), await usedBytes()]).toEqual([1, 400]);
  await requests.giveBack(counted, 1);
  expect([await usedRequests(), await usedBytes()]).toEqual([0, 0]);
});

test("a login of two requests gives back both", async () => {
  const { requests, usedRequests } = someRequests();
  await requests.begin(address, 100);
  await requests.giveBack(await requests.begin(address, 100), 2);
  expect(await usedRequests()).toBe(0);
});

test("a login that ends in the next minute gives nothing back there", async () => {
  const { clock, requests, usedRequests } = someRequests();
  const late = await requests.begin(address, 100);
  clock.ms = 60_000;
  for (let guess = 0; guess < 5; guess++) await requests.ended(await requests.begin(address, 100));
  await requests.giveBack(late, 2);
  expect(await usedRequests()).toBe(5);
  await expect(requests.begin(address, 100)).rejects.toMatchObject(limited(60));
});

const underWay = "Requests that are under way at your address reach the limit of 5 requests per minute without a login. Try again in 1 s.";

test("while as many logins are under way as the limit allows, another one is told to come back soon, and has room when one has succeeded", async () => {
  const { requests } = someRequests();
  const logins = await Promise.all(Array.from({ length: 5 }, () => requests.begin(address, 10)));
  await expect(requests.begin(address, 10)).rejects.toThrow(underWay);
  for (const login of logins.slice(0, 1)) {
    await requests.giveBack(login, 1);
    await requests.ended(login);
  }
  await requests.begin(address, 10);
});

test("an address is told to come back after the time that requests take at present", async () => {
  const { clock, requests } = someRequests();
  for (let minute = 0; minute < 50; minute++) {
    clock.ms = minute * 60_000;
    const login = await requests.begin(address, 10);
    clock.ms += 7_000;
    await requests.ended(login);
  }
  clock.ms = 50 * 60_000;
  for (let login = 0; login < 5; login++) await requests.begin(address, 10);
  await expect(requests.begin(address, 10)).rejects.toMatchObject(limited(7));
});

test("what has ended without success counts as failed until the minute ends", async () => {
  const { clock, requests } = someRequests();
  const guesses = await Promise.all(Array.from({ length: 5 }, () => requests.begin(address, 10)));
  await Promise.all(guesses.slice(1).map((guess) => requests.ended(guess)));
  clock.ms = 20_000;
  await expect(requests.begin(address, 10)).rejects.toThrow(underWay);
  await Promise.all(guesses.slice(0, 1).map((guess) => requests.ended(guess)));
  await expect(requests.begin(address, 10)).rejects.toMatchObject(limited(40));
});

test("guesses that arrive at once are tried no more often than the limit, however long each takes", async () => {
  const { clock, requests } = someRequests();
  let tried = 0;
  for (let second = 0; second < 60; second++) {
    clock.ms = second * 1_000;
    const guesses = await Promise.allSettled(Array.from({ length: 20 }, () => requests.begin(address, 1)));
    for (const guess of guesses) {
      if (guess.status === "rejected") continue;
      tried++;
      await requests.ended(guess.value);
    }
  }
  expect(tried).toBe(5);
});

test("bytes of what is under way do not keep an address out for longer than it lasts", async () => {
  const { requests } = someRequests();
  const login = await requests.begin(address, 900);
  await expect(requests.begin(address, 200)).rejects.toMatchObject(limited(1));
  await requests.ended(login);
  await expect(requests.begin(address, 200)).rejects.toMatchObject(limited(60));
});

test("a request that is refused before anything is done takes nothing", async () => {
  const { requests, usedRequests, usedBytes } = someRequests();
  await requests.ended(await requests.begin(address, 900));
  await expect(requests.begin(address, 200)).rejects.toThrow("Your address exceeded the limit of 1000 bytes per minute without a login.");
  expect([await usedRequests(), await usedBytes()]).toEqual([1, 900]);
});

test("a request that has failed counts, although the address has no room for it", async () => {
  const { requests, usedBytes } = someRequests();
  await requests.count(address, 900);
  await expect(requests.count(address, 200)).rejects.toMatchObject(limited(60));
  expect(await usedBytes()).toBe(1_100);
  await expect(requests.assertRoom(address)).rejects.toMatchObject(limited(60));
});
