import { missingTests, readText, referencedTests } from "../docs/referenced-tests.js";
import { expect, test } from "vitest";

test("every test referenced in docs/evidence/attacks.md exists", () => {
  const named = referencedTests(readText("docs/evidence/attacks.md"));
  expect(named.length).toBeGreaterThan(30);
  expect(missingTests(named)).toEqual([]);
});
