import { expect, test } from "vitest";
import { parseTemplate, renderTemplate } from "./templates.js";

const render = (source: string, data: object): string => renderTemplate(parseTemplate(source).template, { data });

test("paths are replaced by their values as plain text", () => {
  expect(
    render("Triage: {{ data.summary }} ({{data.site.floor}}, {{ data.tags }}, {{ data.urgent }})", {
      summary: "Lift",
      site: { floor: 3 },
      tags: ["a", "b"],
      urgent: true,
    }),
  ).toBe("Triage: Lift (3, a, b, true)");
});

test("absent values, null and objects render as nothing", () => {
  expect(render("[{{ data.a }}{{ data.b }}{{ data.c }}]", { b: null, c: { d: 1 } })).toBe("[]");
});

test("the result is one line without control characters, at most 200 characters long", () => {
  expect(render("{{ data.a }}", { a: "one\r\ntwo\u0000\u001b[31m\u2028three" })).toBe("one two [31m three");
  expect(Array.from(render("{{ data.a }}", { a: "😀".repeat(1000) }))).toHaveLength(200);
  expect(render("{{ data.a }}", { a: "x".repeat(250_000) })).toHaveLength(200);
});

test("template syntax within values is not evaluated", () => {
  expect(render("{{ data.a }}", { a: "{{ data.secret }}", secret: "s" })).toBe("{{ data.secret }}");
});

test.each(["{{ data.a", "{{ 1 + 1 }}", "{{ data.__proto__ }}", "{{ }}", "{{ data.a() }}", "x".repeat(501)])("%s is refused", (source) => {
  expect(parseTemplate(source).problems).toHaveLength(1);
});
