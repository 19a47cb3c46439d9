import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { machineOf } from "../fixtures/small.js";
import { parseDefinition } from "../document/parse.js";
import { tryScenarios } from "../scenarios/try.js";

type Block = { readonly page: string; readonly number: number; readonly text: string };
type Document = Record<string, unknown>;

const root = new URL("../../../../../", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("packages/engine/schema/definition.schema.json", root), "utf8")) as Document;
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

/** Every page except the tutorials, whose blocks are parts of one file; those are run as a whole. */
const pages = readdirSync(new URL("docs/", root), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md") && !name.startsWith("tutorials"))
  .toSorted();
const blocks = pages.flatMap((page): Block[] => {
  const found = readFileSync(new URL(`docs/${page}`, root), "utf8").matchAll(/```yaml\n([^`]*)```/g);
  return [...found].map(([, text = ""], index) => ({ page, number: index + 1, text }));
});
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isWhole = ({ text }: Block): boolean => /^weft: 1$/m.test(text);

const anything = { additionalProperties: true };
const numbers = ["amount", "estimate", "level", "price"];
const texts = ["approvedBy", "status", "title", "costCenter", "vendorName", "summary", "reviewer", "deadline", "to"];
const lists = ["reviewers", "lines", "prices"];
const data = {
  properties: {
    ...Object.fromEntries(numbers.map((name) => [name, { type: "number" }])),
    ...Object.fromEntries(texts.map((name) => [name, { type: "string" }])),
    ...Object.fromEntries(lists.map((name) => [name, { type: "array", items: anything }])),
    site: { properties: { floor: { type: "string" } } },
  },
};
const ends = Object.fromEntries(
  ["approved", "refused", "returned", "board", "review"].map((name) => [name, { transitions: { end: { to: "over" } } }]),
);
const inTransition = new Set(["allow", "actions"]);
const inDocument = new Set(["index", "data", "scenarios"]);

/** Examples of single steps read these. */
const inputs = { version: { type: "string" }, request: { type: "string" } };

/** Puts a fragment into a definition: a list of steps into an automation, and each key of others where it belongs. */
function hostOf(fragment: Document | readonly unknown[]): object {
  if (isList(fragment)) return { weft: 1, kind: "automation", key: "host", name: "Host", inputs, steps: fragment };
  const keys = Object.entries(fragment);
  const those = (names: ReadonlySet<string>) => Object.fromEntries(keys.filter(([key]) => names.has(key)));
  const isState = keys.some(([key]) => ["task", "tasks", "transitions", "children"].includes(key));
  const states = keys.filter(([, value]) => typeof value === "object" && value !== null && "transitions" in value);
  const isPlaced = ([key]: [string, unknown]) => key === "fields" || isState || [inTransition, inDocument].some((names) => names.has(key));
  const lost = keys.filter((entry) => !isPlaced(entry) && !states.includes(entry));
  if (lost.length > 0) throw new Error(`Nobody knows where ${lost.map(([key]) => key).join(", ")} belongs.`);
  // Actions can read its input.
  const submit = { to: "host", input: { properties: { floor: { type: "string" } } }, ...those(inTransition) };
  const ways = Object.fromEntries([...states.map(([name]) => name), ...Object.keys(ends)].map((name) => [`go_${name}`, { to: name }]));
  return {
    weft: 1,
    key: "host",
    name: "Host",
    data,
    ...those(inDocument),
    initial: "draft",
    forms: { check: { fields: (fragment["fields"] as object | undefined) ?? { ok: { type: "boolean" } } } },
    states: {
      draft: { transitions: { submit, ...ways } },
      host: isState
        ? { ...fragment, transitions: (fragment["transitions"] as object | undefined) ?? { end: { to: "over" } } }
        : { transitions: ways },
      ...ends,
      ...Object.fromEntries(states),
      over: { final: "completed" },
    },
  };
}

/** Parts of a block that repeat the same key are alternatives. */
function fragmentsOf(text: string): string[] {
  const parts = text.split(/^(?=\w+:)/m).filter((part) => part.trim() !== "");
  const names = parts.map((part) => part.slice(0, part.indexOf(":")));
  return new Set(names).size === names.length ? [text] : parts;
}

function documentsIn(block: Block): unknown[] {
  return (isWhole(block) ? [block.text] : fragmentsOf(block.text)).map((text) => {
    const { document, problems } = parseDefinition(text);
    expect(problems).toEqual([]);
    return isWhole(block) ? document : hostOf(document as Document | readonly unknown[]);
  });
}

test.each(blocks.filter(({ text }) => !text.startsWith("scenarios:")))(
  "example $number of $page compiles, and the published JSON Schema accepts it",
  (block) => {
    for (const document of documentsIn(block)) {
      const result = compile(document);
      expect(result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
      validate(document);
      expect(validate.errors).toBeNull();
    }
  },
);

test.each(blocks.filter((block) => isWhole(block) && block.text.includes("\nscenarios:")))(
  "the scenarios in example $number of $page pass",
  ({ text }) => {
    const run = tryScenarios(machineOf(text), function* () {
      yield;
      return () => undefined;
    });
    let next = run.next();
    while (!next.done) next = run.next();
    expect(next.value.flatMap(({ name, failures }) => failures.map(({ message }) => `${name}: ${message}`))).toEqual([]);
  },
);

test("every key of the format appears in an example", () => {
  const keys = new Set<string>();
  const collect = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node as Document)) {
      if (key !== "properties") collect(value);
      else
        for (const [name, property] of Object.entries(value as Document)) {
          keys.add(name);
          collect(property);
        }
    }
  };
  collect(schema);
  const shown = new Set(blocks.flatMap(({ text }) => [...text.matchAll(/([A-Za-z$]\w*):/g)].map(([, name]) => name)));
  expect(keys.size).toBeGreaterThan(100);
  expect([...keys].filter((key) => !shown.has(key))).toEqual([]);
});
