import { errorsOf } from "@weft/client";
import { problemOf } from "@weft/server";
import { errorRegistry } from "@weft/shared/errors";
import { expect, test } from "vitest";

const statusOf = (code: string): number | undefined => {
  const [error] = errorsOf([{ message: "No.", extensions: { code } }], {});
  return error && problemOf(error).status;
};

test("the problem for every error of the API has the HTTP status of its code", () => {
  expect(Object.keys(errorRegistry).map((code) => [code, statusOf(code)])).toEqual(
    Object.entries(errorRegistry).map(([code, { httpStatus }]) => [code, httpStatus]),
  );
});

test("the problem for an error without an answer of Weft is 503, and for an unknown code 500", () => {
  expect(["NETWORK_ERROR", "UNKNOWN_OUTCOME", "NEW_CODE"].map(statusOf)).toEqual([503, 503, 500]);
});
