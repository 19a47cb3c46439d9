import { expect, test } from "vitest";
import { Turns } from "./turns.js";

const never = new AbortController().signal;

/** Work that ends when it is told to. */
function work(turns: Turns, tenantId: string, signal = never) {
  const started = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<void>();
  const done = turns.take(tenantId, signal, () => {
    started.resolve();
    return ending.promise;
  });
  return { started: started.promise, end: ending.resolve, done };
}

test("as much work goes on as there are places, and tenants take turns", async () => {
  const turns = new Turns(1, 1);
  const order: string[] = [];
  const all = ["a1", "a2", "a3", "b1", "c1", "b2"].map((name) => {
    const one = work(turns, name.slice(0, 1));
    void one.started.then(() => order.push(name));
    return { name, ...one };
  });
  for (let count = 1; count <= all.length; count++) {
    await expect.poll(() => order.length).toBe(count);
    all.find(({ name }) => name === order.at(-1))?.end();
  }
  expect(order).toEqual(["a1", "a2", "b1", "c1", "a3", "b2"]);
  await Promise.all(all.map(({ done }) => done));
});

test("a tenant never has all places, and gets its next one when it frees one", async () => {
  const turns = new Turns(3, 2);
  const [first, second, third] = ["a", "a", "a"].map((tenantId) => work(turns, tenantId));
  const started: string[] = [];
  void third?.started.then(() => started.push("third"));
  await Promise.all([first?.started, second?.started]);
  const other = work(turns, "b");
  await other.started;
  expect(started).toEqual([]);
  other.end();
  await other.done;
  expect(started).toEqual([]);
  first?.end();
  await third?.started;
  second?.end();
  third?.end();
  await Promise.all([first?.done, second?.done, third?.done]);
});

test("what stops waiting never begins, and work that fails leaves its place", async () => {
  const turns = new Turns(1, 1);
  const first = work(turns, "a");
  const leaving = new AbortController();
  const left = work(turns, "a", leaving.signal);
  leaving.abort(new Error("left"));
  await expect(left.done).rejects.toThrow("left");
  const failing = turns.take("a", never, () => Promise.reject(new Error("failed")));
  first.end();
  await first.done;
  await expect(failing).rejects.toThrow("failed");
  const last = work(turns, "b");
  await last.started;
  last.end();
  await last.done;
});
