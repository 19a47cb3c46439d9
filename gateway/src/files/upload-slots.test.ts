import { expect, test } from "vitest";
import { type UploadSlots, uploadSlots } from "./upload-slots.js";

/** Takes slots until none is left for the tenant. */
function takeAll(slots: UploadSlots, tenantId: string): (() => void)[] {
  const taken: (() => void)[] = [];
  for (let release = slots.take(tenantId); release !== null; release = slots.take(tenantId)) taken.push(release);
  return taken;
}

test("one tenant gets three quarters of the slots, and others still find some", () => {
  const slots = uploadSlots(100);
  expect(takeAll(slots, "greedy")).toHaveLength(75);
  expect(takeAll(slots, "second").length).toBeGreaterThanOrEqual(18);
  expect(takeAll(slots, "third").length).toBeGreaterThanOrEqual(4);
  expect(slots.running()).toBeLessThanOrEqual(100);
});

test("never more than the limit are taken, however many tenants upload, and a tenant without uploads gets the last slot", () => {
  const slots = uploadSlots(10);
  for (let tenant = 0; tenant < 50; tenant++) takeAll(slots, `tenant ${tenant}`);
  expect(slots.running()).toBe(10);
  const one = uploadSlots(1);
  expect(takeAll(one, "only")).toHaveLength(1);
});

test("a slot that is given back can be taken again, and is given back only once", () => {
  const slots = uploadSlots(4);
  const taken = takeAll(slots, "a");
  expect(taken).toHaveLength(3);
  taken[0]?.();
  taken[0]?.();
  expect(slots.running()).toBe(2);
  expect(takeAll(slots, "a")).toHaveLength(1);
});
