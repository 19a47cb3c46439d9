import { expect, test } from "vitest";
import { isDistinctive, patternOf, replaceInJson, replaceInText } from "./identifying-values.js";

const lee = ["lee@acme.com", "Lee O'Hara", "o.lee", "+41 79 123 45 67"];

test.each([
  ["Ask lee@acme.com.", "Ask [erased]."],
  ["<LEE@acme.com>, mailto:lee@acme.com", "<[erased]>, mailto:[erased]"],
  ["first\nLee O'Hara\tlast", "first\n[erased]\tlast"],
  ["by o.lee, +41 79 123 45 67", "by [erased], [erased]"],
])("replaces values in %j", (text, expected) => {
  expect(replaceInText(text, lee)).toBe(expected);
});

test.each([
  "bruce.lee@acme.com",
  "lee@acme.com.au",
  "lee@acme.community",
  "jo.lee@other.com",
  "o.lee@other.com",
  "Ashlee O'Hara",
  "Lee O'Harald",
])("leaves %j, which is somebody else", (text) => {
  expect(replaceInText(text, lee)).toBe(text);
});

test("replaces the strings of JSON, and keeps keys, and numbers with all of their digits", () => {
  const json = `{"lee@acme.com": [12345678901234567890, "lee@acme.com", null, {"name" : "Lee O'Hara"}], "ratio": 0.1234567890123456789}`;
  expect(replaceInJson(json, lee)).toBe(
    `{"lee@acme.com": [12345678901234567890, "[erased]", null, {"name" : "[erased]"}], "ratio": 0.1234567890123456789}`,
  );
});

test.each([
  [String.raw`["say \"lee@acme.com\", \\", "lee@acme.com"]`, String.raw`["say \"[erased]\", \\", "[erased]"]`],
  [String.raw`["\u006cee@acme.com"]`, `["[erased]"]`],
  [String.raw`["\u00e9 \\ \/"]`, String.raw`["\u00e9 \\ \/"]`],
])("reads the strings of %j as JSON writes them", (json, expected) => {
  expect(replaceInJson(json, lee)).toBe(expected);
});

test.each(["Grace", "100234", "Al", "[erased]", "erased-019ad000-0000-7000-8000-000000000000@erased.invalid"])(
  "%j is not distinctive",
  (value) => {
    expect(isDistinctive(value)).toBe(false);
  },
);

test.each(["erased-x y", "grace7", "Bo Li", "+41791234567"])("%j is distinctive", (value) => {
  expect(isDistinctive(value)).toBe(true);
});

test("a pattern for the database has no special characters of a value", () => {
  expect(new RegExp(patternOf(["a.b+c@x.com", "(1|2) $"], false)).source).toBe("a\\.b\\+c@x\\.com|\\(1\\|2\\) \\$");
});
