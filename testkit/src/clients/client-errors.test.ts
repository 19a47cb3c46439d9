import { errorClasses, errorsOf } from "@weft/client";
import { errorRegistry } from "@weft/shared/errors";
import { expect, test } from "vitest";

test("every code of the API has a class", () => {
  expect(Object.keys(errorClasses).toSorted()).toEqual(Object.keys(errorRegistry).toSorted());
});

test("an error has what the API says about it, and all errors of the answer", () => {
  const answers = [
    {
      message: "No.",
      path: ["a"],
      extensions: { code: "RATE_LIMITED", retryAfter: 3, isRetryable: true, requestId: "r1" },
    },
    { message: "Changed.", extensions: { code: "CONFLICT", currentVersion: 7, currentState: "triage" } },
    { message: "New.", extensions: { code: "NEW_CODE" } },
  ];
  const errors = errorsOf(answers, { requestId: "r2", data: { b: 1 } });
  expect(errors).toMatchObject([
    { name: "RateLimitedError", code: "RATE_LIMITED", isRetryable: true, retryAfterMs: 3_000, path: ["a"], requestId: "r1" },
    { name: "ConflictError", currentVersion: 7, currentState: "triage", isRetryable: false, requestId: "r2", data: { b: 1 } },
    { name: "WeftError", code: "NEW_CODE" },
  ]);
  expect(errors[0]?.errors).toEqual(errors);
});
