import { OwnWindows } from "@weft/api/limits";
import { expect, test } from "vitest";
import { countedRequests } from "./counted-requests.js";

const address = "192.0.2.1";

/** The requests of an address with 5 requests and 1,000 bytes a minute, on a clock that stands still. */
function someRequests({ operations = 5, random = () => 0 }: { readonly operations?: number; readonly random?: () => number } = {}) {
  const clock = { ms: 0 };
  const now = (): number => clock.ms;
  const windows = new OwnWindows(now);
  const limits = { anonymousOperationsPerMinute: operations, anonymousBytesPerMinute: 1_000 };
  const requests = countedRequests({ windows, limits, now, random });
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

/** Logins that succeed one after the other, each after the same time. */
async function loggedIn({ clock, requests }: Pick<ReturnType<typeof someRequests>, "clock" | "requests">, eachMs: number): Promise<void> {
  for (let login = 0; login < 50; login++) {
    const counted = await requests.begin(address, 10);
    clock.ms += eachMs;
    await requests.giveBack(counted, 1);
    await requests.ended(counted);
  }
  clock.ms += 60_000;
}

/** What the next request is told while as many as the limit are under way. */
async function nextAfterFive({ requests }: Pick<ReturnType<typeof someRequests>, "requests">): Promise<unknown> {
  for (let login = 0; login < 5; login++) await requests.begin(address, 10);
  return requests.begin(address, 10).catch((error: unknown) => error);
}

test("an address is told to come back after the time that logins take at present", async () => {
  const some = someRequests();
  await loggedIn(some, 3_000);
  expect(await nextAfterFive(some)).toMatchObject(limited(3));
});

test("an address is never told to wait longer for what is under way than the slowest logins should take, however slowly a client sends", async () => {
  const some = someRequests();
  await loggedIn(some, 30_000);
  expect(await nextAfterFive(some)).toMatchObject(limited(5));
});

test("what fails slowly does not change for how long others are told to wait", async () => {
  const some = someRequests();
  const { clock, requests } = some;
  for (let minute = 0; minute < 50; minute++) {
    const guess = await requests.begin(address, 10);
    clock.ms += 10_000;
    await requests.ended(guess);
    clock.ms += 60_000;
  }
  expect(await nextAfterFive(some)).toMatchObject(limited(1));
});

test("those who wait for what is under way are told to come back at different times", async () => {
  let given = 0;
  const some = someRequests({ random: () => given });
  await loggedIn(some, 4_000);
  expect(await nextAfterFive(some)).toMatchObject(limited(4));
  given = 0.75;
  await expect(some.requests.begin(address, 10)).rejects.toMatchObject(limited(7));
});

test("those who wait for the end of the minute are all told when it is", async () => {
  const { requests } = someRequests({ random: () => 0.9 });
  for (let guess = 0; guess < 5; guess++) await requests.ended(await requests.begin(address, 10));
  await expect(requests.begin(address, 10)).rejects.toMatchObject(limited(60));
});

test("logins under way keep an address out only for as long as logins take, whenever the minute of the limit has begun", async () => {
  const { clock, requests } = someRequests({ operations: 300 });
  const expired = () => requests.count(address, 1);
  await expired();
  clock.ms = 30_000;
  await requests.ended(await requests.begin(address, 1));
  clock.ms = 61_000;
  await expired();
  clock.ms = 89_000;
  for (let login = 0; login < 299; login++) await requests.begin(address, 1);
  await expect(requests.begin(address, 1)).rejects.toMatchObject(limited(1));
  clock.ms = 90_500;
  await expect(requests.begin(address, 1)).rejects.toMatchObject(limited(1));
});

test("what is under way since an earlier minute does not hide what has failed in this one", async () => {
  const { clock, requests } = someRequests();
  await requests.count(address, 1);
  clock.ms = 55_000;
  for (let login = 0; login < 4; login++) await requests.begin(address, 1);
  clock.ms = 61_000;
  for (let guess = 0; guess < 5; guess++) await requests.ended(await requests.begin(address, 1));
  await expect(requests.begin(address, 1)).rejects.toMatchObject(limited(60));
});

test("a login of two requests that spans two minutes gives back both in the second: over both, as many as it took", async () => {
  const { clock, requests, usedRequests } = someRequests();
  await requests.ended(await requests.begin(address, 100));
  expect(await usedRequests()).toBe(1);
  clock.ms = 60_000;
  for (let guess = 0; guess < 2; guess++) await requests.ended(await requests.begin(address, 100));
  await requests.giveBack(await requests.begin(address, 100), 2);
  expect(await usedRequests()).toBe(1);
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
