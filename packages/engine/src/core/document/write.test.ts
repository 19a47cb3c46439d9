import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { documents } from "../fixtures/random.js";
import { completeDocuments } from "../fixtures/random-complete.js";
import { parseDefinition } from "./parse.js";
import { withHead, writeDefinition } from "./write.js";

const yaml = `# What we lend
weft: 1
key: loan   # of the tenant
name: Loan
initial: draft
states:
  # the first
  draft: { transitions: { submit: { to: done } } }
  done: { final: completed }
`;

const documentOf = (text: string, format: "yaml" | "json"): unknown => {
  const { document, problems } = parseDefinition(text, format);
  expect(problems).toEqual([]);
  return document;
};

/** Texts that YAML could take for something else, and any other text that a definition can contain. */
const anyText = fc
  .oneof(
    fc.constantFrom(
      "no",
      "null",
      "~",
      "1e3",
      "0x1F",
      "- a",
      "? b",
      "# c",
      "a: b",
      "&a",
      "*a",
      "!t",
      "|",
      ">",
      "%x",
      "@",
      "`",
      "---",
      "...",
      "{",
      "'",
      '"',
    ),
    fc.constantFrom(
      "\n",
      " a",
      "a ",
      "a\n",
      "\na",
      "  a\n b\n",
      "a\n\n\nb",
      "\t",
      "a\tb",
      "\\",
      "\r\n",
      "\u2028",
      "\ufeff",
      "\u0085",
      "\u00a0",
      "🎉",
    ),
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.array(fc.constantFrom(" ", "\n", "-", ":", "#", "a", '"', "'", "\t"), { maxLength: 12 }).map((parts) => parts.join("")),
  )
  .filter((text) => !text.includes("\0"));

const small = {
  weft: 1,
  key: "small",
  name: "Small",
  initial: "a",
  states: { a: { transitions: { go: { to: "b" } } }, b: { final: "completed" } },
};

/** Definitions that use such texts as values and as keys. */
const described = fc
  .tuple(anyText, anyText, fc.dictionary(fc.constantFrom("x-a", "x-b"), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }))
  .map(([text, note, notes]): object => ({ ...small, description: `${text}.`, ...notes, "x-note": { [`k${note}`]: [note, text] } }))
  .filter((document) => compile(document).ok);

describe("converting to another format", () => {
  test.each([
    ["random states", documents, 4],
    ["every element of the format", completeDocuments, 10],
    ["unusual texts", described, 120],
  ] as const)("keeps any definition intact from JSON to YAML to JSON: with %s", { tags: "slow" }, (_what, arbitrary, numRuns) => {
    fc.assert(
      fc.property(arbitrary, (document) => {
        const json = JSON.stringify(document);
        const asYaml = writeDefinition(json, "json", "yaml");
        expect(documentOf(asYaml, "yaml")).toEqual(JSON.parse(json));
        const asJson = writeDefinition(asYaml, "yaml", "json");
        expect(JSON.stringify(JSON.parse(asJson))).toBe(json);
        expect(writeDefinition(asJson, "json", "json")).toBe(asJson);
      }),
      { numRuns },
    );
  });

  test("returns the author's text, comments included, if the format is the same", () => {
    expect(writeDefinition(yaml, "yaml", "yaml")).toBe(yaml);
  });

  test("writes text on one line if it is too large when indented", () => {
    const states = Object.fromEntries(
      Array.from({ length: 499 }, (_, index) => [
        `s${index}`,
        { description: "x".repeat(1950), transitions: { go: { to: `s${index + 1}` } } },
      ]),
    );
    const json = JSON.stringify({ weft: 1, key: "big", name: "Big", initial: "s0", states: { ...states, s499: { final: "completed" } } });
    expect(Buffer.byteLength(json)).toBeLessThan(1024 * 1024);
    for (const to of ["yaml", "json"] as const) expect(JSON.stringify(documentOf(writeDefinition(json, "json", to), to))).toBe(json);
  });
});

describe("replacing the head", () => {
  test("leaves everything else in place", () => {
    expect(withHead(yaml, "yaml", { key: "credit", name: "Credit: small" })).toBe(
      yaml.replace("key: loan", "key: credit").replace("name: Loan", 'name: "Credit: small"'),
    );
    expect(withHead(yaml, "yaml", { key: "loan", name: "Loan" })).toBe(yaml);
  });

  test("keeps comments in JSON too, and if the name spans several lines", () => {
    const json = JSON.stringify(parseDefinition(yaml).document, null, "\t");
    expect(withHead(json, "json", { key: "credit", name: "C" })).toBe(json.replace('"loan"', '"credit"').replace('"Loan"', '"C"'));
    const folded = withHead(yaml.replace("name: Loan", "name: >-\n  A\n  loan"), "yaml", { key: "credit", name: "C" });
    expect(documentOf(folded, "yaml")).toMatchObject({ key: "credit", name: "C" });
    expect(folded).toContain("# What we lend");
  });

  test("keeps any name unchanged in any definition", () => {
    fc.assert(
      fc.property(described, anyText, fc.boolean(), (document, name, isYaml) => {
        const format = isYaml ? "yaml" : "json";
        const text = writeDefinition(JSON.stringify(document), "json", format);
        const expected = { ...(documentOf(text, format) as object), key: "other-key", name };
        expect(documentOf(withHead(text, format, { key: "other-key", name }), format)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});
