import fc from "fast-check";
import { parseValue } from "graphql";
import { expect, test } from "vitest";
import { BadUserInput } from "@weft/shared/errors";
import { DateTimeScalar } from "./date-time.js";
import { JsonScalar } from "./json.js";
import { SafeIntScalar } from "./safe-int.js";

test.each([
  ["2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000Z"],
  ["2026-03-01T09:30:00.123456+02:00", "2026-03-01T07:30:00.123Z"],
  ["2024-02-29 23:59:59-08", "2024-03-01T07:59:59.000Z"],
])("%s is a valid date-time", (text, iso) => {
  expect(DateTimeScalar.parseValue(text)).toBe(iso);
});

test.each([
  "",
  "yesterday",
  "2026-02-30T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-03-01",
  "2026-03-01T09:30:00",
  "2026-03-01T25:00:00Z",
  "0000-01-01T00:00:00Z",
  "0001-01-01T00:00:00+01:00",
  "9999-12-31T23:59:59-01:00",
  12,
  null,
  `${"9".repeat(1_000)}`,
])("%s is not a valid date-time", (value) => {
  expect(() => DateTimeScalar.parseValue(value)).toThrow(BadUserInput);
});

test("times from the database are returned as ISO text in UTC", () => {
  expect(DateTimeScalar.serialize("2026-03-01 09:30:00.123456+00")).toBe("2026-03-01T09:30:00.123Z");
  expect(DateTimeScalar.serialize("2026-03-01T09:30:00.123456Z")).toBe("2026-03-01T09:30:00.123Z");
  expect(() => DateTimeScalar.serialize("nonsense")).toThrow();
});

test("every JSON value within the limits passes unchanged, as a variable and as a literal", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      if (JSON.stringify(value).includes("__proto__")) return;
      expect(JsonScalar.parseValue(value)).toBe(value);
    }),
  );
  expect(JsonScalar.parseLiteral(parseValue('{a: [1, 2.5, "x", true, null, ENUM]}'))).toEqual({ a: [1, 2.5, "x", true, null, "ENUM"] });
});

test("a literal accepts variables: as null while there are none, omitted if not given", () => {
  const literal = parseValue("{a: $a, b: [$b, 1], c: $c}");
  expect(JsonScalar.parseLiteral(literal)).toEqual({ a: null, b: [null, 1], c: null });
  expect(JsonScalar.parseLiteral(literal, { a: { x: 1 }, b: 2 })).toEqual({ a: { x: 1 }, b: [2, 1] });
  expect(() => JsonScalar.parseLiteral(literal, { a: "x\0" })).toThrow(BadUserInput);
});

test.each<[string, unknown, string]>([
  ["a NUL character", { a: ["ok", "x\0"] }, "a.1"],
  ["a NUL character in a key", { a: { "x\0": 1 } }, "a"],
  ["half of a surrogate pair", { a: "\udc00" }, "a"],
  ["a key that pollutes prototypes", JSON.parse('{"a": {"__proto__": {"isAdmin": true}}}'), "a"],
  ["a number that JSON does not support", { a: Number.POSITIVE_INFINITY }, "a"],
  ["too many levels", JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`), `0${".0".repeat(31)}`],
  ["too many values", Array.from({ length: 10_001 }, () => 1), ""],
  ["too much text", ["x".repeat(256 * 1024 + 1)], ""],
])("%s causes BAD_USER_INPUT with its path", (_what, value, path) => {
  const refusal = () => JsonScalar.parseValue(value);
  expect(refusal).toThrow(BadUserInput);
  try {
    refusal();
  } catch (error) {
    expect((error as BadUserInput).problems[0]?.path).toBe(path);
  }
});

test("a literal does not pollute prototypes either", () => {
  expect(() => JsonScalar.parseLiteral(parseValue("{__proto__: {isAdmin: true}}"))).toThrow(BadUserInput);
  expect(() => JsonScalar.parseLiteral(parseValue(`${"[".repeat(100)}1${"]".repeat(100)}`))).toThrow(BadUserInput);
  expect(() => JsonScalar.parseLiteral(parseValue("1e400"))).toThrow(BadUserInput);
});

test.each([0, -1, 1250, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER])("%d is a safe integer", (value) => {
  expect(SafeIntScalar.parseValue(value)).toBe(value);
  expect(SafeIntScalar.parseLiteral(parseValue(String(value)), {})).toBe(value);
  expect(SafeIntScalar.serialize(value)).toBe(value);
});

test.each([0.5, 2 ** 53, Number.NaN, "7", true, null, [7]])("%j is refused as a safe integer", (value) => {
  expect(() => SafeIntScalar.parseValue(value)).toThrow(BadUserInput);
});

test.each(["0.5", "9007199254740992", '"7"', "true", "null"])("the literal %s is refused as a safe integer", (literal) => {
  expect(() => SafeIntScalar.parseLiteral(parseValue(literal), {})).toThrow(BadUserInput);
});
