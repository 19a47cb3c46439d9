import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { fakeTimers } from "@weft/testkit/fake-timers";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { AccessClaims } from "../../viewer/token.js";
import type { Viewers } from "../../viewer/viewers.js";
import type { TenantFeed } from "../feeds/tenant-feed.js";
import { Connection, ConnectionEnded } from "./connection.js";
import { SessionChecks } from "./session-checks.js";
import type { Socket } from "./socket.js";

beforeEach(() => fakeTimers());

/** Checks of one connection whose results the test gives. Time stands still unless the test advances it. */
function aCheckedConnection({ expiresInMs = 900_000, kids = ["k"] } = {}) {
  const ids = { tenantId: newId(), userId: newId(), sessionId: newId() };
  const viewer = { ...ids, rightsVersion: "1", vendorId: null, userType: "EMPLOYEE" } as Viewer;
  const claims: AccessClaims = { ...ids, kid: "k", expiresAt: (Date.now() + expiresInMs) / 1_000 };
  const checked: PromiseWithResolvers<readonly number[]>[] = [];
  const loads: number[] = [];
  const closes: number[] = [];
  let current: Viewer = viewer;
  const viewers = {
    changedAmong: () => {
      const result = Promise.withResolvers<readonly number[]>();
      checked.push(result);
      return result.promise;
    },
    stateOf: () => {
      loads.push(performance.now());
      return Promise.resolve({ viewer: current });
    },
    cachedStateOf: () => undefined,
  } as unknown as Viewers;
  const socket = {
    get isClosing() {
      return closes.length > 0;
    },
    belongsTo: () => undefined,
    closeFor: ({ code }: { code: number }) => void closes.push(code),
  } as unknown as Socket;
  const connections = new Set<Connection>();
  const log = { debug: () => undefined } as never;
  const checks = new SessionChecks({ connections, viewers, log });
  onTestFinished(() => checks.stop());
  const connection = new Connection({
    socket,
    address: "",
    userAgent: null,
    viewers,
    isAcceptedKey: (kid) => kid !== undefined && kids.includes(kid),
    checks,
  });
  connections.add(connection);
  connection.begin({ viewer, claims }, {} as TenantFeed);
  return {
    checks,
    connection,
    checked,
    loads,
    closes,
    standing: () => connection.standing(performance.now()),
    /** Waits for the next check, and lets it find these indexes changed. */
    check: async (changed: readonly number[] = [], meanwhile?: () => void) => {
      await vi.advanceTimersByTimeAsync(400);
      meanwhile?.();
      checked.at(-1)?.resolve(changed);
      await vi.advanceTimersByTimeAsync(0);
    },
    fail: async () => {
      await vi.advanceTimersByTimeAsync(400);
      checked.at(-1)?.reject(new Error("The database is unavailable."));
      await vi.advanceTimersByTimeAsync(0);
    },
    changeRights: () => (current = { ...viewer, rightsVersion: "2" }),
    ids,
  };
}

test("an unchanged session is not loaded, and counts as current for half a second from the beginning of the check", async () => {
  const { standing, check, loads } = aCheckedConnection();
  expect(standing()).toBe("unknown");
  await check();
  expect(standing()).toBe("current");
  await vi.advanceTimersByTimeAsync(399);
  expect(standing()).toBe("current");
  await vi.advanceTimersByTimeAsync(101);
  expect(standing()).toBe("unknown");
  expect(loads).toEqual([]);
});

test("a changed session is loaded, which closes the socket if its rights are different", async () => {
  const { check, changeRights, loads, closes, standing } = aCheckedConnection();
  await check([0]);
  expect([loads.length, closes, standing()]).toEqual([1, [], "unknown"]);
  changeRights();
  await check([0]);
  expect([loads.length, closes, standing()]).toEqual([2, [4403], "ended"]);
});

test("a check that began before a revocation does not confirm the rights", async () => {
  const { check, checks, ids, standing, loads } = aCheckedConnection();
  await check([], () => checks.onRevocation({ tenantId: ids.tenantId }));
  expect(standing()).toBe("unknown");
  expect(loads).toHaveLength(1);
  await check();
  expect(standing()).toBe("current");
  checks.onRevocation({ tenantId: newId() });
  expect(standing()).toBe("current");
  checks.doubtAll();
  expect(standing()).toBe("unknown");
});

test("a failed check confirms nothing, and the next one is made", async () => {
  const { check, fail, standing } = aCheckedConnection();
  await check();
  await fail();
  await vi.advanceTimersByTimeAsync(100);
  expect(standing()).toBe("unknown");
  await check();
  expect(standing()).toBe("current");
});

test("a confirmation ends with the token, and the next check closes the socket", async () => {
  const { check, standing, closes } = aCheckedConnection({ expiresInMs: 600 });
  await check();
  expect(standing()).toBe("current");
  await vi.advanceTimersByTimeAsync(200);
  expect(standing()).toBe("unknown");
  await check();
  expect([standing(), closes]).toEqual(["ended", [4403]]);
});

test("the next check closes a socket whose token was signed by a key that was replaced", async () => {
  const kids = ["k", "next"];
  const { check, standing, closes } = aCheckedConnection({ kids });
  await check();
  kids.shift();
  await check();
  expect([standing(), closes]).toEqual(["ended", [4403]]);
});

test("a delivery waits for the check that is running, instead of loading the session", async () => {
  const { check, connection, loads, checked } = aCheckedConnection();
  let isStanding: Promise<void> | undefined;
  await check([], () => (isStanding = connection.stand()));
  await isStanding;
  expect([loads.length, checked.length]).toEqual([0, 1]);
});

test("deliveries after the last check became too old share a new one, which counts even if it takes long", async () => {
  const { connection, loads, checked, closes } = aCheckedConnection();
  const deliveries = [connection.stand(), connection.stand()];
  await vi.advanceTimersByTimeAsync(5_000);
  checked.at(-1)?.resolve([]);
  await Promise.all(deliveries);
  expect([loads.length, checked.length, closes]).toEqual([0, 1, []]);
});

test("a delivery after a check that began before a revocation waits for another one, which closes the socket", async () => {
  const { connection, checks, check, changeRights, checked, closes } = aCheckedConnection();
  let isStanding: Promise<void> | undefined;
  await check([], () => {
    isStanding = connection.stand();
    isStanding.catch(() => undefined);
    changeRights();
    checks.doubtAll();
  });
  checked.at(-1)?.resolve([0]);
  await expect(isStanding).rejects.toThrow(ConnectionEnded);
  expect([checked.length, closes]).toEqual([2, [4403]]);
});

test("a delivery loads the session if the check failed", async () => {
  const { connection, checked, loads } = aCheckedConnection();
  const delivery = connection.stand();
  await vi.advanceTimersByTimeAsync(0);
  checked.at(-1)?.reject(new Error("The database is unavailable."));
  await delivery;
  expect(loads).toHaveLength(1);
});
