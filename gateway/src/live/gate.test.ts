import { expect, test } from "vitest";
import { createGate } from "./gate.js";

/** Runs the pieces of work through a gate; each is named by its tenant and number and ends when it is told to. */
function started(width: number, tenants: readonly string[]) {
  const gate = createGate(width);
  const running = new Map<string, () => void>();
  const order: string[] = [];
  const all = tenants.map((tenant, at) =>
    gate(tenant, async () => {
      order.push(`${tenant}${at}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      running.set(`${tenant}${at}`, resolve);
      await promise;
    }),
  );
  const endAll = async (): Promise<void> => {
    while (running.size > 0) {
      for (const [name, end] of running) {
        running.delete(name);
        end();
      }
      await new Promise(setImmediate);
    }
    await Promise.all(all);
  };
  return { running, order, endAll };
}

test("no more run at once than the gate is wide, and all run", async () => {
  const { running, order, endAll } = started(3, ["a", "a", "a", "a", "a"]);
  expect([...running.keys()]).toEqual(["a0", "a1", "a2"]);
  await endAll();
  expect(order).toEqual(["a0", "a1", "a2", "a3", "a4"]);
});

test("a tenant with much to do does not make another one wait for all of it", async () => {
  const { order, endAll } = started(1, ["a", "a", "a", "a", "b", "c", "b"]);
  await endAll();
  expect(order).toEqual(["a0", "a1", "b4", "c5", "a2", "b6", "a3"]);
});

test("work that fails gives its place back", async () => {
  const gate = createGate(1);
  await expect(gate("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate("a", () => Promise.resolve(1))).toBe(1);
});
