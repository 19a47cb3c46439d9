import { expect, test } from "vitest";
import { parseMigrateArguments } from "./migrate-arguments.js";

test("applies everything without arguments", () => {
  expect(parseMigrateArguments([])).toEqual({ direction: "up" });
});

test("down undoes one migration, or the given number", () => {
  expect(parseMigrateArguments(["down"])).toEqual({ direction: "down", count: 1 });
  expect(parseMigrateArguments(["down", "12"])).toEqual({ direction: "down", count: 12 });
});

test.each([["up"], ["down", "0"], ["down", "-1"], ["down", "all"], ["down", "1", "2"], ["--down"], ["down", "--count=3"]])(
  "rejects all other arguments, so that a typing error undoes nothing: %s %s",
  (...args) => {
    expect(parseMigrateArguments(args)).toBeUndefined();
  },
);
