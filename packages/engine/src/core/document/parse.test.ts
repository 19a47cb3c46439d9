import { readFileSync } from "node:fs";
import { computedMs } from "@weft/testkit/cost/computed-ms";
import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { parseDefinition } from "./parse.js";

const example = (name: string): string =>
  readFileSync(new URL(`../../../../../examples/definitions/${name}.yaml`, import.meta.url), "utf8");

test.each(["maintenance-request", "vendor-onboarding", "project"])("the example %s compiles", (name) => {
  const parsed = parseDefinition(example(name));
  expect(parsed.problems).toEqual([]);
  expect(compile(parsed.document, parsed)).toMatchObject({ ok: true, machine: { key: name } });
});

test("JSON is read too, with line numbers, whether indented with spaces or tabs", () => {
  for (const indent of ["  ", "\t"]) {
    const text = JSON.stringify({ weft: 1, states: { a: { final: "completed" } } }, null, indent);
    const parsed = parseDefinition(text, "json");
    expect(parsed.problems).toEqual([]);
    expect(parsed.document).toEqual({ weft: 1, states: { a: { final: "completed" } } });
    expect(parsed.locate(["states", "a", "final"])).toEqual({ line: 5, column: indent.length * 3 + 1 });
  }
});

test("a path that does not exist is located at its nearest existing part", () => {
  const { locate } = parseDefinition("weft: 1\nstates:\n  a:\n    transitions:\n      - x");
  expect(locate(["states", "a", "task", "title"])).toEqual({ line: 3, column: 3 });
  expect(locate(["states", "a", "transitions", 0])).toEqual({ line: 5, column: 9 });
  expect(locate([])).toEqual({ line: 1, column: 1 });
});

test.each<[string, string, object]>([
  ["a syntax error", "weft: 1\nstates: [a", { line: 2 }],
  ["a duplicate key", "weft: 1\nname: a\nname: b", { line: 3, column: 1, message: "This key occurs twice in the same block." }],
  ["a duplicate key in JSON", '{"a": 1,\n"a": 2}', { line: 2, column: 1, message: "This key occurs twice in the same block." }],
  ["a number and a text as the same key", "1: a\n'1': b", { line: 2 }],
  ["a custom tag", "a: !!js/function 'x'", { line: 1, column: 4, message: "Tags (!…) are not allowed." }],
  ["a local tag", "a: 1\nb: !secret x", { line: 2, message: "Tags (!…) are not allowed." }],
  ["an unused anchor", "a: 1\nb: &x { c: 2 }", { line: 2, message: expect.stringContaining("Anchors") as unknown }],
  ["an alias", "a: &x [1]\nb: *x", { line: 2, message: expect.stringContaining("aliases") as unknown }],
  ["a key that is a map", "? { a: 1 }\n: 2", { message: expect.stringContaining("A key must be a plain name") as unknown }],
  ["several documents", "a: 1\n---\nb: 2", { message: expect.stringContaining("several documents") as unknown }],
  ["JSON with a trailing comma", '{"a": 1,}', { line: 1, message: expect.stringContaining("not valid JSON") as unknown }],
  ["an empty text", " \n", { code: "MISSING" }],
])("refuses %s and says where", (_what, text, expected) => {
  const parsed = parseDefinition(text);
  expect(parsed.document).toBeUndefined();
  expect(parsed.problems).toContainEqual(expect.objectContaining(expected));
});

const written = `weft: 1
states:
  draft:
    title: Draft
    task: { title: "Do it", candidates: { owner: true } }
    transitions:
      submit: { to: done }
  done: { final: completed }
`;

test.each<[string, string, string, number, string]>([
  ["a tab", "    title: Draft", "\ttitle: Draft", 4, "with spaces"],
  ["a line that is indented too far", "    title: Draft", "     title: Draft", 5, "column"],
  ["a line that is not indented enough", "    title: Draft", "   title: Draft", 4, '": "'],
  ["a state with different indentation", "  done:", " done:", 8, "column"],
  ["a colon in a text", "title: Draft", "title: Draft: one", 4, "must be quoted"],
  ["a missing colon", "    title: Draft", "    title Draft", 4, "key: value"],
  ["an unquoted template", '"Do it"', "Do {{ data.it }}", 5, "must be quoted"],
  ["an unquoted template at the start of a text", '"Do it"', "{{ data.it }}", 5, "Put quotes"],
  ["an unclosed text", '"Do it"', '"Do it', 9, 'closed by another "'],
  ["an unclosed brace", "{ owner: true } }", "{ owner: true }", 6, "A } is missing before this line"],
  ["a colon in a text between braces", "{ to: done }", "{ to: done, when: a ? b : c }", 7, "must be quoted"],
])("%s is reported once, with its line and how to fix it", (_what, from, to, line, word) => {
  expect(written).toContain(from);
  const { problems } = parseDefinition(written.replace(from, to));
  expect(problems[0]).toMatchObject({ code: "SYNTAX", line, message: expect.stringContaining(word) as unknown });
  expect(problems.length).toBeLessThanOrEqual(3);
});

test("prototype keys are refused at every depth, with their lines", () => {
  for (const key of ["__proto__", "constructor", "prototype"]) {
    const parsed = parseDefinition(`weft: 1\nstates:\n  a:\n    ${key}: { final: completed }`);
    const result = compile(parsed.document, parsed);
    expect(result.ok ? [] : result.problems).toContainEqual(
      expect.objectContaining({ code: "FORBIDDEN_KEY", path: `states.a.${key}`, line: 4 }),
    );
  }
  expect(({} as { final?: string }).final).toBeUndefined();
});

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

test.each<[string, string]>([
  ["100,000 states", `weft: 1\nstates:\n${lines(50_000, (index) => `  s${index}: {}`)}`],
  ["20,000 different keys", lines(20_000, (index) => `k${index}: 1`)],
  ["a billion laughs", `a: &a [x,x,x,x,x,x,x,x,x]\n${lines(9, (index) => `a${index}: &b${index} [*a,*a,*a,*a,*a,*a,*a,*a,*a]`)}`],
  ["half a million brackets", `a: ${"[".repeat(500_000)}`],
  ["deep JSON", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`],
  ["a deep block", lines(1400, (index) => `${" ".repeat(index)}a:`)],
  ["a staircase of list markers", "- ".repeat(400_000)],
  ["a staircase of question marks", "? ".repeat(400_000)],
  ["endless commas", `[${",".repeat(1_000_000)}`],
  ["commas just below the limit", `[${",".repeat(59_000)}`],
  ["quotes", '"'.repeat(1_000_000)],
  ["anchors", "&a ".repeat(300_000)],
  ["colons", "a: ".repeat(300_000)],
  ["documents", "---\n".repeat(250_000)],
  ["comments", "#\n".repeat(500_000)],
  ["a text over a megabyte", `a: ${"x".repeat(1_100_000)}`],
])("fails quickly with problems: %s", (_what, text) => {
  const begin = computedMs();
  const parsed = parseDefinition(text);
  const problems = parsed.problems.length > 0 ? parsed.problems : problemsOf(parsed);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.length).toBeLessThanOrEqual(100);
  // A generous limit: without bounds, these take from seconds to minutes.
  expect(computedMs() - begin).toBeLessThan(5000);
});

function problemsOf(parsed: ReturnType<typeof parseDefinition>): readonly unknown[] {
  const result = compile(parsed.document, parsed);
  return result.ok ? [] : result.problems;
}
