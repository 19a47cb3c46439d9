import { expect, test } from "vitest";
import { Turns } from "./turns.js";

test("other code waits for code that has a transaction to itself, one after the other, and what this code calls does not wait", async () => {
  const turns = new Turns();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const order: string[] = [];
  const section = (name: string, gate: Promise<void>) =>
    turns.run(async () => {
      order.push(`${name} begins`);
      await gate;
      expect(turns.isTaken).toBe(false);
      await turns.run(() => Promise.resolve(order.push(`${name} ends`)));
    });
  const sections = [section("one", first.promise), section("two", second.promise)];
  expect(turns.isTaken).toBe(true);
  const waiting = turns.free().then(() => order.push("other code"));
  first.resolve();
  await sections[0];
  second.resolve();
  await Promise.all([...sections, waiting]);
  expect(order).toEqual(["one begins", "one ends", "two begins", "two ends", "other code"]);
  expect(turns.isTaken).toBe(false);
});

test("a failure gives the transaction back", async () => {
  const turns = new Turns();
  await expect(turns.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(turns.isTaken).toBe(false);
});
