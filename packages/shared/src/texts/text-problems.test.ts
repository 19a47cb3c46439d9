import { expect, test } from "vitest";
import { textProblems } from "./text-problems.js";

const messageOf = (text: string, more: { hasLines?: true } = {}): string | undefined =>
  textProblems("input.name", text, { max: 200, ...more })[0]?.message;

test.each(["Ada Lovelace", "José", "李小龍", "می\u200cخواهم", "क्\u200dष", "👩\u200d🚒 Brigade", "O'Neill & Söhne"])(
  "accepts the name %s",
  (name) => {
    expect(messageOf(name)).toBeUndefined();
  },
);

test.each([
  ["a directional override", "invoice\u202Egnp.exe"],
  ["a directional isolate", "Ada\u2066Eve\u2069"],
  ["a directional mark", "Ada\u200F"],
])("a name that changes the direction of text is refused: %s", (_what, name) => {
  expect(messageOf(name)).toBe("It contains characters that change the direction of text. Remove them.");
});

test.each([
  ["a space without width", "Ada\u200BLovelace"],
  ["a byte order mark", "\uFEFFAda"],
  ["a Hangul filler", "\u3164"],
  ["an empty Braille pattern", "\u2800"],
  ["tags", "Ada\u{E0041}"],
  ["a line separator", "Ada\u2028Lovelace"],
  ["a joiner that joins nothing", "Ada\u200D"],
])("a name with invisible characters is refused: %s", (_what, name) => {
  expect(messageOf(name)).toBe("It contains invisible characters. Remove them.");
});

test("allows mixed writing directions in multiline text", () => {
  expect(messageOf("He said \u2067שלום\u2069.\nThen he left.", { hasLines: true })).toBeUndefined();
});

test.each(["\u200B\u200B", " \u2060\n", "\u200E", "\u3164", "\u2800\u2800", "\uFE0F", "\u{E0041}"])(
  "refuses multiline text of which no character is visible: %j",
  (text) => {
    expect(messageOf(text, { hasLines: true })).toBe("It has only invisible characters. Enter some text.");
  },
);

test.each(["\u200Ba", "👩\u200D🚒", "\u05D0\u200F", "."])("takes multiline text with a visible character: %j", (text) => {
  expect(messageOf(text, { hasLines: true })).toBeUndefined();
});
