import { expect, test } from "vitest";
import { stepPlaces } from "./step-places.js";

test("a tenant that is alone has half of the places, and several have equal shares", () => {
  const places = stepPlaces({ max: 8, maxOfTenant: 4 });
  expect(places.enter("one", 10)).toBe(4);
  expect(places.enter("other", 10)).toBe(4);
  places.leave("one", 4);
  places.wait(["one", "other", "third", "fourth"]);
  expect(places.enter("one", 10)).toBe(2);
});

test("a tenant whose steps found no place waits until a search has served it", () => {
  const places = stepPlaces({ max: 8, maxOfTenant: 4 });
  expect([places.isWaiting("busy"), places.isWanted()]).toEqual([false, false]);
  places.want("busy");
  expect([places.isWaiting("busy"), places.isWaiting("quiet"), places.isWanted()]).toEqual([true, false, true]);
  places.served("busy", 1);
  expect(places.isWaiting("busy")).toBe(false);
});

test("a tenant still waits after a search for which it had no place", () => {
  const places = stepPlaces({ max: 8, maxOfTenant: 4 });
  places.wait(["busy"]);
  expect(places.enter("busy", 4)).toBe(4);
  expect(places.hasRoom("busy")).toBe(false);
  places.served("busy", places.enter("busy", 4));
  expect(places.isWaiting("busy")).toBe(true);
  places.leave("busy");
  expect(places.hasRoom("busy")).toBe(true);
});

test("the first place that is freed after steps have waited for one is announced, once", () => {
  const places = stepPlaces({ max: 8, maxOfTenant: 4 });
  places.enter("busy", 4);
  places.want("busy");
  expect([places.leave("busy"), places.leave("busy")]).toEqual([true, false]);
});
