import { expect, test } from "vitest";
import { lintMarkdown, lintPieces } from "./lint.ts";
import { messagePieces, schemaPieces } from "./pieces.ts";

const words = (number: number): string => Array.from({ length: number }, (_, index) => `word${index}`).join(" ");

test("a sentence of 40 words passes, one of 41 does not, whatever lines it is on", async () => {
  expect(await lintMarkdown(`${words(40)}. Then ${words(39)}.`)).toEqual([]);
  const [across] = await lintMarkdown(`# A page\n\nShort. Then ${words(20)}\n${words(20)}. Short.`);
  expect(across?.line).toBe(3);
  expect(across?.message).toContain("41 words in a sentence");
  expect(await lintMarkdown(`- ${words(41)}`)).toHaveLength(1);
  expect((await lintMarkdown(`| a | b |\n|---|---|\n| c | ${words(41)} |`)).map(({ line }) => line)).toEqual([3]);
});

test("code counts as one word, an address as none, and `<br>` ends a sentence", async () => {
  expect(await lintMarkdown(`${words(39)} \`a b c d e f\`.`)).toEqual([]);
  expect(await lintMarkdown(`${words(39)} [link](https://example.com/a-b/c "d e").`)).toEqual([]);
  expect(await lintMarkdown(`| a | b |\n|---|---|\n| c | ${words(30)}<br>\`x\` ${words(30)} |`)).toEqual([]);
});

test("violations are reported in order, with the words and what to write", async () => {
  const violations = await lintMarkdown("One.\n\nIt shall\nbe\n\nmended.");
  expect(violations).toEqual([
    { line: 3, message: '"shall": write "should", "must" or "will"' },
    { line: 6, message: '"mended": write "fix"' },
  ]);
});

test("descriptions and reasons of deprecations of a schema are checked where they stand", async () => {
  const sdl = `"""
A type.

It shall be read.
"""
type Query {
  "Decide anew."
  a(shall: String = "shall"): Int @deprecated(reason: "Mend it.")
}`;
  expect((await lintPieces(schemaPieces(sdl))).map(({ line }) => line)).toEqual([4, 7, 8]);
});

test("messages of sources are checked: texts with four words, in one line, outside decorators and tagged templates", async () => {
  const source = [
    "throw new NotFound(`the text is no id of yours, mend it`);",
    'log("the server shall stop");',
    'const short = "shall stop";',
    "sql`select what we shall mend`;",
    '@Field(() => Int, { description: "It shall be an integer." })',
    'class A { text = "it decides anew here"; }',
  ].join("\n");
  const violations = await lintPieces(messagePieces("a.ts", source));
  expect(violations.map(({ line }) => line)).toEqual([1, 1, 2, 6]);
});
