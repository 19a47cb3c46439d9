import { expect, test } from "vitest";
import { composedApi, rootFieldsOf } from "../api-schema.js";
import { mutationCases } from "../cases.js";
import { actsOtherwise, readsNoObjects, rootNames, searchPaths, readPaths } from "./read-paths.js";

// A user who can see an object through one path can see it through all others, and a user who cannot see it sees it through none: single reads,
// lists, counts, filters, references from other subgraphs, events, explanations of access, and mutations. The hard tests verify this for each path.

const schema = composedApi();
const ways = readPaths(schema);
const findings = searchPaths(schema);

test("every root field that reads data is covered by the read paths, and every mutation of an object by the lookup paths", () => {
  const joined = new Set([...ways.flatMap(({ fields }) => fields), ...Object.keys(readsNoObjects)]);
  expect(rootNames(schema).filter((name) => !joined.has(name))).toEqual([]);
  expect(ways.length).toBeGreaterThan(100);
  const acting = rootFieldsOf(schema)
    .filter(({ kind, name }) => kind === "mutation" && Object.values(mutationCases[name]?.ids ?? {}).includes("object"))
    .map(({ name }) => name);
  expect([...findings.map(({ name }) => name), ...Object.keys(actsOtherwise)].toSorted()).toEqual(acting.toSorted());
});
