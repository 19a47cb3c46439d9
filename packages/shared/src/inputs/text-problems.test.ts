import { expect, test } from "vitest";
import { textProblems } from "./text-problems.js";

const messageOf = (text: string, more: { hasLines?: true } = {}): string | undefined =>
  textProblems("input.name", text, { max: 200, ...more })[0]?.message;

test.each(["Ada Lovelace", "José", "李小龍", "می\u200cخواهم", "क्\u200dष", "👩\u200d🚒 Brigade", "O'Neill & Söhne"])(
  "%s is a name",
  (name) => {
    expect(messageOf(name)).toBeUndefined();
  },
);

test.each([
  ["an override", "invoice\u202Egnp.exe"],
  ["an isolate", "Ada\u2066Eve\u2069"],
  ["a mark of direction", "Ada\u200F"],
])("a name that changes the direction of text is refused: %s", (_what, name) => {
  expect(messageOf(name)).toBe("It has characters that change the direction of text. Remove them.");
});

test.each([
  ["a space without width", "Ada\u200BLovelace"],
  ["a byte order mark", "\uFEFFAda"],
  ["a filler of Hangul", "\u3164"],
  ["an empty pattern of Braille", "\u2800"],
  ["tags", "Ada\u{E0041}"],
  ["a separator of lines", "Ada\u2028Lovelace"],
  ["a joiner that joins nothing", "Ada\u200D"],
])("a name with what nobody sees is refused: %s", (_what, name) => {
  expect(messageOf(name)).toBe("It has invisible characters. Remove them.");
});

test("prose of several lines may mix directions of writing", () => {
  expect(messageOf("He said \u2067שלום\u2069.\nThen he left.", { hasLines: true })).toBeUndefined();
});
