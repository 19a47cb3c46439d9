import { expect, test } from "vitest";
import { firstFailedTest } from "./failed-test.ts";

const passed = { status: "passed", fullName: "a list shows its rows" };
const skipped = { status: "skipped", fullName: "a list shows its rows" };
const failed = {
  status: "failed",
  fullName: "a list shows no others",
  failureMessages: ["AssertionError: expected 2 to be 1\n    at a.ts"],
};

test("the first failed test is returned, with its file and the first line of its message", () => {
  const testResults = [
    { name: "/weft/gateway/src/a.test.ts", assertionResults: [passed] },
    { name: "/weft/gateway/src/b.test.ts", assertionResults: [passed, failed, { ...failed, fullName: "another" }] },
  ];
  expect(firstFailedTest({ testResults }, "/weft")).toEqual({
    file: "gateway/src/b.test.ts",
    name: "a list shows no others",
    message: "AssertionError: expected 2 to be 1",
  });
});

test("a file that could not be loaded, or whose set-up failed, has no failed test", () => {
  const testResults = [
    { name: "/weft/a.test.ts", assertionResults: [] },
    { name: "/weft/b.test.ts", assertionResults: [skipped] },
  ];
  expect(firstFailedTest({ testResults }, "/weft")).toBeNull();
});
