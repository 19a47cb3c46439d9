import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inPlace, type Purpose } from "./directory-places.js";

const aCall = (purpose: Purpose = "LOGIN", tenantId: string = randomUUID()) => ({ tenantId, url: "ldaps://ldap.example:636", purpose });

/** Calls that do not answer until they are let go. */
function silent() {
  const { promise, reject } = Promise.withResolvers<never>();
  let running = 0;
  const run = (): Promise<never> => {
    running++;
    return promise;
  };
  return { run, end: () => reject(new Error("The server closed the connection.")), running: () => running };
}

describe.concurrent("calls of directories", () => {
  it("that are silent for many tenants leave places for others, and for checks of sessions of the same", { tags: "slow" }, async () => {
    const { run, end, running } = silent();
    const tenants = Array.from({ length: 20 }, () => randomUUID());
    const waiting = tenants.flatMap((tenantId) => Array.from({ length: 12 }, () => inPlace(aCall("LOGIN", tenantId), run)));
    const settled = Promise.allSettled(waiting);
    expect(running()).toBe(20 * 8);
    expect(await inPlace(aCall(), async () => "answered")).toBe("answered");
    expect(await inPlace(aCall("CHECK", tenants[0]), async () => "answered")).toBe("answered");
    // Those that wait are refused.
    await sleep(2_500);
    end();
    const codes = (await settled).map((each) => (each.status === "rejected" ? (each.reason as Error).message : "answered"));
    expect(codes.filter((each) => each.startsWith("Too many logins wait"))).toHaveLength(20 * 4);
  });

  it("of a tenant whose directory is slow hold fewer places", { tags: "slow" }, async () => {
    const call = aCall();
    await inPlace(call, () => sleep(1_600));
    const { run, end, running } = silent();
    const settled = Promise.allSettled(Array.from({ length: 4 }, () => inPlace(call, run)));
    expect(running()).toBe(2);
    end();
    await settled;
  });

  it("that did not answer three times in a row are not made for a while, except by those who test them", { tags: "slow" }, async () => {
    const call = aCall();
    const fail = (ms: number) => async (): Promise<never> => {
      await sleep(ms);
      throw new Error("late");
    };
    // A refusal that comes at once holds no place for long.
    for (let round = 0; round < 4; round++) await expect(inPlace(call, fail(0))).rejects.toThrow("late");
    await Promise.all(Array.from({ length: 3 }, () => expect(inPlace(call, fail(1_600))).rejects.toThrow("late")));
    await expect(inPlace(call, async () => "answered")).rejects.toThrow("did not answer several times in a row");
    expect(await inPlace({ ...call, url: "ldaps://other.example:636" }, async () => "answered")).toBe("answered");
    expect(await inPlace({ ...call, purpose: "TEST" }, async () => "answered")).toBe("answered");
    expect(await inPlace(call, async () => "answered")).toBe("answered");
  });

  it("end in time: those of checks before a client repeats the renewal", { tags: "slow", timeout: 15_000 }, async () => {
    const forever = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
    const began = performance.now();
    await expect(inPlace(aCall("CHECK"), forever)).rejects.toThrow(/timeout/i);
    expect(performance.now() - began).toBeLessThan(6_000);
  });
});
