import { newId } from "@weft/shared/ids";
import { expect, test } from "vitest";
import { type DatabasePosition, hasReached, positionOfText, textOfPosition } from "./position.js";
import { readsRequiredSince, requiredPosition, requireReads } from "./required-reads.js";

const at = (xmax: bigint, other: Partial<DatabasePosition> = {}): DatabasePosition => ({
  database: "7",
  timeline: 1,
  startedAt: "1790000000000000",
  lsn: 100n,
  xmax,
  running: 0,
  ...other,
});

test("without a token, everything that was read counts", () => {
  expect(readsRequiredSince(newId())).toBe(-Infinity);
});

test("what was read before a newer position became known does not count, for its tenant only", () => {
  const [tenantId, other] = [newId(), newId()];
  const before = performance.now();
  const since = requireReads(tenantId, at(5n));
  expect(since).toBeGreaterThanOrEqual(before);
  expect(readsRequiredSince(tenantId)).toBe(since);
  expect(readsRequiredSince(other)).toBe(-Infinity);
  expect(requireReads(tenantId, at(6n))).toBeGreaterThan(since);
});

test("the same or an older position changes nothing", () => {
  const tenantId = newId();
  const since = requireReads(tenantId, at(5n));
  expect(requireReads(tenantId, at(5n))).toBe(since);
  expect(requireReads(tenantId, at(4n))).toBe(since);
  expect(requiredPosition(tenantId)).toEqual(at(5n));
});

test("a commit that was in the log before, and became visible later, makes a newer position", () => {
  const tenantId = newId();
  const since = requireReads(tenantId, at(5n, { running: 1 }));
  expect(requireReads(tenantId, at(5n, { running: 1 }))).toBe(since);
  const visible = requireReads(tenantId, at(5n, { running: 0 }));
  expect(visible).toBeGreaterThan(since);
  expect(requireReads(tenantId, at(5n, { running: 1 }))).toBe(visible);
});

test.each([
  ["databases", { database: "8" }],
  ["timelines", { timeline: 2 }],
  ["starts of the server", { startedAt: "1790000000000001" }],
])("positions of different %s are not compared: each counts as newer", (_what, other) => {
  const tenantId = newId();
  const since = requireReads(tenantId, at(1_000n, { lsn: 1_000n }));
  expect(requireReads(tenantId, at(5n, other))).toBeGreaterThan(since);
});

test("a database has reached positions up to its own, those of earlier timelines, and those of other databases", () => {
  const here = at(5n, { timeline: 2 });
  expect(hasReached(here, at(9n, { timeline: 2, lsn: 100n }))).toBe(true);
  expect(hasReached(here, at(5n, { timeline: 2, lsn: 101n }))).toBe(false);
  expect(hasReached(here, at(5n, { timeline: 2, lsn: 101n, startedAt: "1" }))).toBe(false);
  expect(hasReached(here, at(5n, { timeline: 1, lsn: 1_000n }))).toBe(true);
  expect(hasReached(here, at(5n, { timeline: 3, lsn: 1n }))).toBe(false);
  expect(hasReached(here, at(5n, { database: "8", lsn: 1_000n }))).toBe(true);
});

test("a tenant whose position was forgotten needs what was read after that", () => {
  const forgotten = newId();
  const since = requireReads(forgotten, at(5n));
  for (let turn = 0; turn < 20_001; turn++) requireReads(newId(), at(5n));
  expect(requiredPosition(forgotten)).toBeUndefined();
  expect(readsRequiredSince(forgotten)).toBeGreaterThanOrEqual(since);
});

test("a position is the same after it was written and read, and other texts are none", () => {
  const position = at(18_446_744_073_709_551_615n, { database: "7345678901234567890", lsn: 18_446_744_073_709_551_615n, running: 99 });
  expect(positionOfText(textOfPosition(position))).toEqual(position);
  for (const text of ["", "1:1", "1:1:1:1:1:", "1:1:1:1:1:1:1", "a:1:1:1:1:1", "1:1:1:-1:1:1", `1:1:1:1:${"1".repeat(30)}:1`])
    expect(positionOfText(text)).toBeUndefined();
});
