import { expect, test } from "vitest";
import { requestedPart } from "./byte-range.js";

test.each([
  ["bytes=0-0", { start: 0, end: 0 }],
  ["bytes=2-4", { start: 2, end: 4 }],
  ["bytes=7-", { start: 7, end: 9 }],
  ["bytes=7-100", { start: 7, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-100", { start: 0, end: 9 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  [undefined, null],
  ["bytes=-", null],
  ["bytes=4-2", null],
  ["bytes=0-1,4-5", null],
  ["bytes=x-", null],
  ["items=0-1", null],
  [`bytes=${"9".repeat(30)}-`, null],
])("the range %s of ten bytes is %j", (header, part) => {
  expect(requestedPart(header, 10)).toEqual(part);
});
