import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { completeAutomation } from "../fixtures/complete-automation.js";
import { documents } from "../fixtures/random.js";
import { randomAutomation } from "../fixtures/random-automation.js";
import { completeDocuments } from "../fixtures/random-complete.js";
import { seeded } from "../fixtures/seeded.js";

const schema = JSON.parse(readFileSync(new URL("../../../schema/definition.schema.json", import.meta.url), "utf8")) as object;
const validate = new Ajv2020({ strict: false }).compile(schema);
const accepts = (document: object): boolean => validate(document);

const automations = fc.nat().map((seed): object => randomAutomation(seeded(seed)));

test("the published JSON Schema accepts every definition that compiles", () => {
  fc.assert(
    fc.property(fc.oneof(documents, completeDocuments, automations), (document) => {
      expect(compile(document)).toMatchObject({ ok: true });
      expect(accepts(document) || validate.errors).toBe(true);
    }),
    { numRuns: 60 },
  );
});

type Node = { [key: string]: unknown };

/** Returns every object and list in a document, with its path. */
function nodesOf(value: unknown, found: Node[] = []): Node[] {
  if (typeof value !== "object" || value === null) return found;
  found.push(value as Node);
  for (const inner of Object.values(value)) nodesOf(inner, found);
  return found;
}

const oddValues = fc.constantFrom<unknown>(
  null,
  true,
  0,
  -1,
  1.5,
  "",
  "x",
  "A b",
  "all",
  "data.n",
  "P2D",
  [],
  [1],
  ["a"],
  {},
  { a: 1 },
  "{{ inputs.version }}",
  "10m",
  ["{{ inputs.n }}"],
);
const oddKeys = fc.constantFrom(
  ..."title to auto when allow task tasks decide children join form forms index need of then otherwise repeat for count due priority checklist candidates from definition result collect fields type options visible required in scenarios given steps expect people call calls number failure wrong x-note with id depends_on retry timeout for_each on_failure compensate critical inputs outputs queue secret error then".split(
    " ",
  ),
);

/** Returns a document with one random value in it. */
const damagedOf = (among: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc
    .tuple(among, fc.nat(), fc.nat(), fc.constantFrom("value", "add", "rename", "remove"), oddValues, oddKeys)
    .map(([document, at, which, how, value, key]) => {
      const copy = JSON.parse(JSON.stringify(document)) as object;
      const nodes = nodesOf(copy).filter((node) => Object.keys(node).length > 0);
      const node = nodes[at % nodes.length] ?? {};
      const keys = Object.keys(node);
      const name = keys[which % keys.length] ?? "";
      if (how === "value") node[name] = value;
      else if (how === "add" && !Array.isArray(node)) node[key] = value;
      else if (how === "rename" && !Array.isArray(node)) {
        node[key] = node[name];
        if (key !== name) delete node[name];
      } else if (!Array.isArray(node)) delete node[name];
      return copy;
    });

test.each<[string, fc.Arbitrary<object>]>([
  ["workflows", fc.oneof(documents, completeDocuments)],
  ["automations", fc.oneof(automations, fc.constant(completeAutomation))],
])(
  "%s that the published JSON Schema refuses do not compile, and damaged ones never make the compiler throw",
  { tags: "slow" },
  (_what, among) => {
    let refused = 0;
    fc.assert(
      // Shrinking would take minutes and give no further information.
      fc.property(fc.noShrink(damagedOf(among)), (document) => {
        const compiled = compile(document);
        if (accepts(document)) return;
        refused++;
        expect([compiled.ok, compiled.ok ? [validate.errors, document] : null]).toEqual([false, null]);
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(20);
  },
);
