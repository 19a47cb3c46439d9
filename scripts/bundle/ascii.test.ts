import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { toAscii } from "./ascii.ts";

test.each([
  ["a string", '"größer als 😀 \\\\ü"'],
  ["a template", "`é\n…`"],
  ["a needless backslash in a template", "`\\é \\\\é`"],
  ["a regular expression", '"Straße".replace(/ß/, "ss")'],
  ["a needless backslash in a regular expression", '"Straße".replace(/\\ß/, "ss")'],
  ["a class of code points", '"a😀b".replace(/[😀-😎]/u, "-")'],
  ["a class of needlessly escaped characters", '"¡a".replace(/[\\¡]/, "-")'],
  ["a name", "(() => { const größe = 1; return größe; })()"],
  ["a line separator in a string", '"a\u2028b"'],
])("%s means the same in ASCII", (_what, code) => {
  const ascii = toAscii(code);
  expect(ascii).toMatch(/^[\0-\x7F]*$/);
  expect(runInNewContext(ascii)).toEqual(runInNewContext(code));
});

test("code that is in ASCII remains as it is", () => {
  const code = "String.raw`\\n` + '\\u00e9'";
  expect(toAscii(code)).toBe(code);
});

test("a tagged template that could see the difference is refused", () => {
  expect(() => toAscii("String.raw`é`")).toThrow("String.raw`é`");
});
