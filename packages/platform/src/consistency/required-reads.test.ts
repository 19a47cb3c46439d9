import { newId } from "@weft/shared/ids";
import { expect, test } from "vitest";
import { positionOfText, textOfPosition } from "./position.js";
import { readsRequiredSince, requiredPosition, requireReads } from "./required-reads.js";

const at = (lsn: bigint, database = "7") => ({ database, lsn });

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

test("positions of different databases are not compared: each counts as newer", () => {
  const tenantId = newId();
  const since = requireReads(tenantId, at(1_000n, "1"));
  expect(requireReads(tenantId, at(5n, "2"))).toBeGreaterThan(since);
});

test("a tenant whose position was forgotten needs what was read after that", () => {
  const forgotten = newId();
  const since = requireReads(forgotten, at(5n));
  for (let turn = 0; turn < 20_001; turn++) requireReads(newId(), at(5n));
  expect(requiredPosition(forgotten)).toBeUndefined();
  expect(readsRequiredSince(forgotten)).toBeGreaterThanOrEqual(since);
});

test("a position is the same after it was written and read, and other texts are none", () => {
  const position = at(18_446_744_073_709_551_615n, "7345678901234567890");
  expect(positionOfText(textOfPosition(position))).toEqual(position);
  for (const text of ["", "1", "1:", ":1", "1:1:1", "a:1", "1:-1", `1:${"1".repeat(30)}`]) expect(positionOfText(text)).toBeUndefined();
});
