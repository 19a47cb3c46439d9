import { setImmediate } from "node:timers/promises";
import { survivors } from "@weft/testkit/cost/survivors";
import { expect, test } from "vitest";
import type { RateLimited } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { aViewer } from "@weft/shared/testing";
import { Computing } from "./computing.js";
import { processorMs } from "./processor-ms.js";
import { Turns } from "./turns.js";

const callOf = (tenantId = newId(), operationId: string | undefined = newId()) => ({ viewer: aViewer({ tenantId }), operationId });

/** Keeps the processor busy for this much processor time. */
function busy(ms: number): number {
  const until = processorMs() + ms;
  let rounds = 0;
  while (processorMs() < until) rounds++;
  return rounds;
}

/** Yields pieces of work and calls `note` after each. */
function* pieces(count: number, ms: number, note: () => void): Generator<void, string, void> {
  for (let n = 0; n < count; n++) {
    busy(ms);
    note();
    yield;
  }
  return "done";
}

const refusal = { extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "computingMs", max: 50 } };

test("the calls of one operation share its budget, and another operation has its own", async () => {
  const call = callOf();
  const [one, other] = [new Computing(call, 50), new Computing(call, 50)];
  await one.run(() => busy(40));
  await other.run(() => busy(40));
  expect(one.spentMs).toBeGreaterThanOrEqual(80);
  await expect(one.run(() => "more")).rejects.toMatchObject(refusal);
  await expect(other.run(() => "more")).rejects.toMatchObject(refusal);
  expect([one.hasLeft, other.hasLeft]).toEqual([false, false]);
  expect(await new Computing(callOf(call.viewer.tenantId), 50).run(() => "answered")).toBe("answered");
});

test("an operation without a login is charged to the tenant that it works for, within its own budget", async () => {
  const [tenantId, turns] = [newId(), new Turns(10)];
  const anonymous = new Computing({ viewer: null, operationId: newId() }, 50, {}, turns);
  await anonymous.chargedTo(tenantId).run(() => busy(60));
  const soon = () => ({ deadline: performance.now() + 1_000 });
  expect(() => turns.assertShare(tenantId, soon())).toThrow(/more than its current share/);
  expect(() => turns.assertShare("", soon())).not.toThrow();
  await expect(anonymous.run(() => "more")).rejects.toMatchObject(refusal);
  await expect(anonymous.chargedTo(newId()).run(() => "more")).rejects.toMatchObject(refusal);
});

test("counts and rethrows errors", async () => {
  const computing = new Computing(callOf(), 50);
  const failing = (): never => {
    busy(20);
    throw new Error("not well");
  };
  await expect(computing.run(failing)).rejects.toThrow("not well");
  expect(computing.spentMs).toBeGreaterThanOrEqual(20);
});

test("a long computation ends when its budget is used up", async () => {
  const computing = new Computing(callOf(), 50);
  let done = 0;
  await expect(computing.runAll(pieces(1_000, 2, () => done++))).rejects.toMatchObject(refusal);
  expect(done).toBeGreaterThan(10);
  expect(done).toBeLessThan(100);
});

test("others are served between the turns of a computation, however long the turns take", async () => {
  const computing = new Computing(callOf(), 1_000);
  let isDone = false;
  const [began, usedBefore] = [performance.now(), processorMs()];
  const result = computing.runAll(pieces(50, 2, () => undefined)).finally(() => (isDone = true));
  let served = 0;
  while (!isDone) {
    await setImmediate();
    served++;
  }
  expect(await result).toBe("done");
  expect(served).toBeGreaterThan(15);
  // 100 ms of work, and nearly as much rest.
  expect(processorMs() - usedBefore).toBeGreaterThanOrEqual(100);
  expect(performance.now() - began).toBeGreaterThan(150);
});

test("tenants take turns: a tenant with little work does not wait for one with a lot", { tags: "slow" }, async () => {
  const order: string[] = [];
  const flood = newId();
  const many = Array.from({ length: 10 }, () => new Computing(callOf(flood), 1_000).runAll(pieces(10, 5, () => order.push("many"))));
  const few = new Computing(callOf(), 1_000).runAll(pieces(3, 5, () => order.push("few")));
  await few;
  expect(order.filter((one) => one === "many").length).toBeLessThan(10);
  await Promise.all(many);
  expect(order.filter((one) => one === "many")).toHaveLength(100);
});

test(
  "a tenant that has used up its credit continues at a quarter of a processor, and another tenant at once",
  { tags: "slow" },
  async () => {
    const turns = new Turns(100);
    const [flood, other] = [newId(), newId()];
    const began = performance.now();
    for (let n = 0; n < 20; n++) await turns.run(flood, () => busy(15));
    // 300 ms, 100 of which were its credit.
    expect(performance.now() - began).toBeGreaterThan(600);
    const asked = performance.now();
    await turns.run(other, () => busy(1));
    expect(performance.now() - asked).toBeLessThan(300);
  },
);

test("refuses callers that would have to wait too long", { tags: "slow" }, async () => {
  const turns = new Turns(0);
  const tenantId = newId();
  await turns.run(tenantId, () => busy(2_200));
  await expect(turns.run(tenantId, () => "more")).rejects.toMatchObject({ extensions: { code: "RATE_LIMITED", retryAfter: 9 } });
});

test("computes the value of each item in order", async () => {
  expect(await new Computing(callOf(), 50).forEach([1, 2, 3], (n) => n * 2)).toEqual([2, 4, 6]);
  expect(await new Computing(callOf(), 50).forEach([], (n) => n)).toEqual([]);
});

test("refuses an operation early, with the time to wait, if its next turn would come after its deadline", { tags: "slow" }, async () => {
  const turns = new Turns(50);
  const tenant = newId();
  await turns.run(tenant, () => busy(250));
  const began = performance.now();
  // It owes 200 ms, which take 800 ms to earn back.
  const late = turns.run(tenant, () => "late", { deadline: began + 1_000 });
  await expect(late).rejects.toMatchObject({ extensions: { code: "RATE_LIMITED", retryAfter: 1 } });
  expect(performance.now() - began).toBeLessThan(500);
  expect((await turns.run(tenant, () => "in time", { deadline: began + 10_000 })).outcome).toEqual({ ok: true, value: "in time" });
  // It also starts nothing after its deadline, even if nothing else is waiting.
  await expect(new Turns().run(newId(), () => "late", { deadline: performance.now() })).rejects.toMatchObject({
    extensions: { code: "RATE_LIMITED" },
  });
});

test("a caller that has disconnected takes no more turns", { tags: "slow" }, async () => {
  const leaving = new AbortController();
  const computing = new Computing(callOf(), 10_000, { signal: leaving.signal });
  let done = 0;
  const result = computing.runAll(pieces(1_000, 2, () => ++done === 10 && leaving.abort(new Error("gone"))));
  await expect(result).rejects.toMatchObject({ name: "Abandoned", extensions: { code: "SERVICE_UNAVAILABLE" } });
  expect(done).toBeLessThan(20);
  // It does not wait for one either.
  const turns = new Turns(50);
  const tenant = newId();
  await turns.run(tenant, () => busy(500));
  const pausing = new AbortController();
  const paused = turns.run(tenant, () => "never", { signal: pausing.signal });
  pausing.abort(new Error("gone"));
  await expect(paused).rejects.toMatchObject({ name: "Abandoned" });
});

test(
  "an operation that holds a database connection waits less time for its turn than others wait for a connection",
  { tags: "slow" },
  async () => {
    const turns = new Turns(50);
    const tenant = newId();
    await turns.run(tenant, () => busy(550));
    // It owes half a second, which takes two seconds to earn back.
    await expect(turns.run(tenant, () => "late", { holdsConnection: () => true })).rejects.toMatchObject({
      extensions: { code: "RATE_LIMITED" },
    });
    expect((await turns.run(tenant, () => "in time", { holdsConnection: () => false })).outcome).toEqual({ ok: true, value: "in time" });
  },
);

test("the result and input of an operation are not retained with its usage", { tags: "slow" }, async () => {
  const compute = async (held: ArrayBuffer): Promise<void> => {
    const computing = new Computing(callOf(), 50);
    await computing.forEach([held], (item) => ({ item }));
    await computing.run(() => ({ held }));
  };
  expect(await survivors(compute)).toBeLessThan(4);
});

test("work that was refused for its tenant's share is refused before it begins, and what it has cost counts for the tenant", async () => {
  const turns = new Turns();
  const [flood, other, document] = [newId(), newId(), {}];
  turns.charge(flood, 1_000_000);
  let begun = 0;
  /** Returns the time that the tenant has to wait, in seconds, or 0 if the operation was answered. */
  const waitOf = async (tenantId: string, work: object, usedMs: number): Promise<number> => {
    const computing = new Computing(callOf(tenantId), 1_000, {}, turns);
    try {
      const end = computing.begin(work);
      // Here an operation reads the database.
      begun++;
      await computing.run(() => "computed").finally(() => end(usedMs));
      return 0;
    } catch (error) {
      const { code, retryAfter } = (error as RateLimited).extensions;
      expect(code).toBe("RATE_LIMITED");
      return Number(retryAfter);
    }
  };
  const first = await waitOf(flood, document, 1_000_000);
  expect(begun).toBe(1);
  // What it has cost takes four times as long to earn back.
  expect(await waitOf(flood, document, 0)).toBeGreaterThan(first + 2_000);
  expect(begun).toBe(1);
  // Other work of the tenant may need no turn.
  expect(await waitOf(flood, {}, 0)).toBeGreaterThan(0);
  expect(begun).toBe(2);
  expect(await waitOf(other, document, 0)).toBe(0);
});
