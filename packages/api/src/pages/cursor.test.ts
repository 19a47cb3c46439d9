import fc from "fast-check";
import { expect, test } from "vitest";
import { BadUserInput } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { decodeCursor, encodeCursor } from "./cursor.js";
import type { CursorScope } from "./cursor.js";

const scope: CursorScope = { key: Buffer.alloc(32, 7), tenantId: newId(), list: "requests CREATED_AT DESC" };

test("a cursor decodes to the value that it was made from", { tags: "slow" }, () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 3 }), (values) => {
      expect(decodeCursor(scope, encodeCursor(scope, values), "after")).toEqual(values);
    }),
  );
});

test.each([
  ["tenant", { tenantId: newId() }],
  ["list", { list: "assets CREATED_AT DESC" }],
  ["order", { list: "requests CREATED_AT ASC" }],
  ["installation", { key: Buffer.alloc(32, 8) }],
])("refuses a cursor of another %s with BAD_USER_INPUT", (_what, other) => {
  const foreign = encodeCursor({ ...scope, ...other }, ["2026-01-01T00:00:00Z", newId()]);
  expect(() => decodeCursor(scope, foreign, "after")).toThrow(BadUserInput);
});

test("accepts no edited cursor", () => {
  const cursor = encodeCursor(scope, ["2026-01-01T00:00:00Z", newId()]);
  fc.assert(
    fc.property(fc.nat({ max: cursor.length - 1 }), fc.constantFrom(...Array.from("ABCXYZabcxyz019-_=+/ \n")), (at, letter) => {
      const edited = cursor.slice(0, at) + letter + cursor.slice(at + 1);
      if (edited !== cursor) expect(() => decodeCursor(scope, edited, "before")).toThrow(BadUserInput);
    }),
  );
  for (const edited of [`${cursor}A`, `${cursor}=`, ` ${cursor}`, cursor.slice(1), "", "x".repeat(1_000_000)]) {
    expect(() => decodeCursor(scope, edited, "after")).toThrow(BadUserInput);
  }
});
