import { expect, test } from "vitest";
import { composedApi, rootFieldsOf } from "../api-schema.js";
import { mutationCases } from "../cases.js";
import { actsOtherwise, readsNoObjects, rootNames, waysOfFinding, waysOfReading } from "./ways-of-reading.js";

// Whoever sees an object by one way sees it by every other, and whoever does not, by none: single reads, lists, counts, filters, references
// from other subgraphs, events, what is explained about access, and what mutations find. That each way does is asked among the hard tests.

const schema = composedApi();
const ways = waysOfReading(schema);
const findings = waysOfFinding(schema);

test("every root field that reads has joined the ways of reading, and every mutation of an object those of finding", () => {
  const joined = new Set([...ways.flatMap(({ fields }) => fields), ...Object.keys(readsNoObjects)]);
  expect(rootNames(schema).filter((name) => !joined.has(name))).toEqual([]);
  expect(ways.length).toBeGreaterThan(100);
  const acting = rootFieldsOf(schema)
    .filter(({ kind, name }) => kind === "mutation" && Object.values(mutationCases[name]?.ids ?? {}).includes("object"))
    .map(({ name }) => name);
  expect([...findings.map(({ name }) => name), ...Object.keys(actsOtherwise)].toSorted()).toEqual(acting.toSorted());
});
