import { expect, test } from "vitest";
import { namedRuns } from "./named-runs.js";

test("runs of a few tenants begin by name at the same time, and a few of each", () => {
  const named = namedRuns({ maxTenants: 2, maxOfTenant: 2 });
  expect(["one", "one", "one", "other", "third"].map((tenantId) => named.enter(tenantId))).toEqual([true, true, false, true, false]);
  named.leave("one");
  expect([named.enter("third"), named.enter("one")]).toEqual([false, true]);
  named.leave("other");
  expect(named.enter("third")).toBe(true);
});
