import { expect, test } from "vitest";
import { escapeFormulas, withoutEscapes } from "@weft/shared/texts";
import { formats } from "./format.js";

test.each([
  ["=1+1", "'=1+1"],
  ["  -1", "'  -1"],
  [";=1+1", ";'=1+1"],
  ["a; =1;@b", "a;' =1;'@b"],
  ["b\t+1", "b\t'+1"],
  ['c\r\n"=1"', 'c\r\n\'"=1"'],
  ["d\n\n\uFF1D1", "d\n\n'\uFF1D1"],
  ["'=1", "''=1"],
  ["x - y, =z", "x - y, =z"],
  ["it's", "it's"],
])("the formulas of %j are escaped, and an import reads the same text", (text, escaped) => {
  expect(escapeFormulas(text)).toBe(escaped);
  expect(withoutEscapes(escaped)).toBe(text);
});

test("lists and objects are escaped, too, and texts with line breaks have quotation marks", () => {
  const lines = formats.CSV.lines(["list", "object", "text"], [{ list: ["a", ";=1"], object: { a: ";=1" }, text: "d\n=1" }]);
  expect(lines).toBe(`"a, ;'=1","{""a"":"";'=1""}","d\n'=1"\r\n`);
});
