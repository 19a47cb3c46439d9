import { OwnWindows } from "@weft/api/limits";
import { expect, test } from "vitest";
import { countedRequests } from "./counted-requests.js";

const address = "192.0.2.1";

/** The requests of an address with 5 requests and 1,000 bytes a minute, on a clock that stands still. */
function someRequests() {
  const clock = { ms: 0 };
  const windows = new OwnWindows(() => clock.ms);
  const limits = { anonymousOperationsPerMinute: 5, anonymousBytesPerMinute: 1_000 };
  const requests = countedRequests({ windows, limits });
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
  for (let guess = 0; guess < 5; guess++) await requests.begin(address, 100);
  await requests.giveBack(late, 2);
  expect(await usedRequests()).toBe(5);
  await expect(requests.begin(address, 100)).rejects.toMatchObject(limited(60));
});

test("a request that is refused before anything is done takes nothing", async () => {
  const { requests, usedRequests, usedBytes } = someRequests();
  await requests.begin(address, 900);
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
