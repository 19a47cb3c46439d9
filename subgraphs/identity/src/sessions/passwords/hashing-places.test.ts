import { expect, test } from "vitest";
import { hashingPlacesOf } from "./hashing-places.js";

test.each([
  [1, 1],
  [2, 1],
  [8, 4],
])("with %i cores, at most %i passwords are hashed at the same time", async (cores, expected) => {
  const places = hashingPlacesOf(cores);
  const gate = Promise.withResolvers<void>();
  const all = Array.from({ length: 20 }, () => places.run("192.0.2.0", () => gate.promise));
  expect(places.inUse).toBe(expected);
  gate.resolve();
  await Promise.all(all);
});

test("a client with many waiting passwords is refused, and another client is not", async () => {
  const places = hashingPlacesOf(2);
  const gate = Promise.withResolvers<void>();
  const all = Array.from({ length: 51 }, () => places.run("192.0.2.0", () => gate.promise));
  await expect(places.run("192.0.2.0", () => gate.promise)).rejects.toThrow(
    "Too many passwords are waiting to be checked. Try again in 5 s.",
  );
  const other = places.run("198.51.100.0", () => gate.promise);
  gate.resolve();
  await Promise.all([...all, other]);
});
