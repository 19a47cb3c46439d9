import { expect, test } from "vitest";
import { differencesBetween } from "./expected-tables.js";

const table = (rows: Record<string, string[]>, head = ["operation", "admin", "viewer"]) => [{ title: "Queries", head, rows }];
const expected = table({ asset: ["yes", "yes"], roles: ["all", "FORBIDDEN"] });

test("identical results have no differences", () => {
  expect(differencesBetween(expected, expected)).toEqual([]);
});

test("a new operation fails and is named, and so does a removed one", () => {
  const answered = table({ asset: ["yes", "yes"], secrets: ["all", "all"] });
  expect(differencesBetween(expected, answered)).toEqual([
    "Queries roles: has a row, and is not there any more",
    "Queries secrets: has no row; it was answered all, all",
  ]);
});

test("a cell that differs is named by its column, regardless of the column's position", () => {
  const answered = table({ asset: ["yes", "yes"], roles: ["all", "all"] }, ["operation", "viewer", "admin"]);
  expect(differencesBetween(expected, answered)).toEqual(["Queries roles, viewer: expected FORBIDDEN, but it is all"]);
});

test("a new column and a removed table are differences", () => {
  const wider = table({ asset: ["yes", "yes", "no"], roles: ["all", "FORBIDDEN", "no"] }, ["operation", "admin", "viewer", "guest"]);
  expect(differencesBetween(expected, wider)).toEqual([
    "Queries asset, guest: expected (no such column), but it is no",
    "Queries roles, guest: expected (no such column), but it is no",
  ]);
  expect(differencesBetween(expected, [])).toEqual(["Queries: expected, and not there any more"]);
});
